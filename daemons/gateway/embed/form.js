// What runs in the page of a website. `node tools/embed.ts` makes v1.ts of it.
(() => {
  // Required; not valid; no name, e-mail or phone; received; kept for later; refused.
  let TEXTS = {
    en: [
      'Please fill this.',
      'Please check this.',
      'Give name, e-mail or phone.',
      'Thank you, it was received.',
      'Offline: it will be sent soon.',
      'Not sent: please try again later.',
    ],
  };
  // A form that works without this script as well: it has all that is needed here.
  const FORMS = 'form[action$="/api/leads/ingest"]';
  const STORE = 'leadctl';
  // Less than the platform remembers an idempotency key: what waited longer could be stored twice.
  const KEEP_MS = 864e5;
  const doc = document;
  const on = (name, listener) => doc.addEventListener(name, listener, true);
  const script = doc.currentScript;

  // Storage may be forbidden or full: then the page's memory has to do.
  const attempt = (work) => {
    try {
      return work();
    } catch {
      // As above.
    }
  };

  // Where the visitor came from: kept while the tab is open, for the form may be on a later page.
  let origin = attempt(() => JSON.parse(sessionStorage[STORE]));
  const tags = [...new URLSearchParams(location.search)].filter(([name]) =>
    /^utm_|clid$/.test(name),
  );
  if (!origin || tags[0]) {
    origin = Object.fromEntries([['referrer', doc.referrer], ...tags]);
    attempt(() => (sessionStorage[STORE] = JSON.stringify(origin)));
  }

  // One entry a lead, so that two tabs do not overwrite each other's.
  const waiting = new Map();
  attempt(() => {
    for (const id in localStorage) {
      if (id.startsWith(STORE)) waiting.set(id, JSON.parse(localStorage[id]));
    }
  });
  let isSending, timer;
  let pause = 1e3;
  const send = async () => {
    if (isSending) return;
    isSending = 1;
    clearTimeout(timer);
    let again = 0;
    // What is added meanwhile is visited too.
    for (const [id, item] of waiting) {
      const answer =
        Date.now() - item.t < KEEP_MS &&
        (await fetch(item.u, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-api-key': item.k,
            'idempotency-key': id,
          },
          body: item.b,
          keepalive: item.b.length < 2e4,
          signal: AbortSignal.timeout(2e4),
        }).catch(() => 0));
      if (answer === 0 || answer.status > 499 || /40[89]|429/.test(answer.status)) {
        again = (answer && answer.headers.get('retry-after') * 1e3) || pause;
        item.f?.(4);
      } else {
        waiting.delete(id);
        attempt(() => delete localStorage[id]);
        item.f?.(answer.ok ? 3 : 5, answer && (await answer.json().catch(() => {})));
      }
    }
    isSending = 0;
    if (again) timer = setTimeout(send, again * (1 + Math.random() / 2));
    pause = again ? Math.min(pause * 2, 6e4) : 1e3;
  };

  const notes = new WeakMap();
  let count = 0;
  /** Says it beside a field, or at the end of a form. */
  const say = (at, text, isWrong) => {
    let note = notes.get(at);
    if (!note) {
      notes.set(at, (note = doc.createElement('output')));
      Object.assign(note, { id: STORE + ++count, className: 'lead-note' });
      if (at.elements) at.append(note);
      else at.after(note);
      at.setAttribute('aria-errormessage', note.id);
    }
    note.textContent = text;
    at.ariaInvalid = !!isWrong;
    if (isWrong) at.focus();
  };
  const languageOf = (form) => form.closest('[lang]')?.lang.slice(0, 2) || 'en';
  const textsOf = (form) => TEXTS[languageOf(form)] || TEXTS.en;

  const bodyOf = (form) => {
    const own = {};
    for (const [name, value] of new FormData(form)) {
      if (/^_(api_key|redirect)$/.test(name) || value.name) continue;
      own[name] = name in own ? [own[name], value].flat() : value;
    }
    const { consent } = form.elements;
    // A box that is left empty is sent by no form, and is a no.
    if (consent?.type === 'checkbox') own.consent = consent.checked;
    return { page: doc.URL.split(/[?#]/)[0], ...origin, ...own };
  };

  const submit = (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches(FORMS)) return;
    event.preventDefault();
    const texts = textsOf(form);
    const { elements } = form;
    const fields = bodyOf(form);
    const contacts = ['email', 'phone', 'name', 'first_name', 'last_name'];
    if (!contacts.some((name) => fields[name]?.trim?.())) {
      say(elements.email || elements.phone || elements.name || form, texts[2], 1);
      return;
    }
    const b = JSON.stringify(fields);
    // The same again, by a double click or after a failure, is the same lead.
    if (form._lead !== b) {
      form._lead = b;
      form._id = STORE + crypto.getRandomValues(new Uint32Array(4)).join('-');
    }
    const id = form._id;
    const item = {
      u: form.getAttribute('action'),
      k: elements._api_key?.value,
      t: Date.now(),
      b,
      f(outcome, answer) {
        form.ariaBusy = false;
        say(form, (outcome === 3 && form.dataset.thanks) || texts[outcome]);
        for (const { path } of answer?.errors || []) {
          const field = elements[path.slice(5)];
          if (field?.after) say(field, texts[1], 1);
        }
        if (outcome === 3) {
          form.dispatchEvent(new CustomEvent('lead', { bubbles: true, detail: answer }));
          const next = elements._redirect?.value;
          if (/^https?:/.test(next)) location = next;
          else form.reset();
        }
      },
    };
    waiting.set(id, item);
    // Without its function: what is told to a form ends with its page.
    attempt(() => (localStorage[id] = JSON.stringify(item)));
    form.ariaBusy = true;
    send();
  };

  on('invalid', (event) => {
    const field = event.target;
    const { form, validity } = field;
    if (!form?.matches(FORMS)) return;
    event.preventDefault();
    say(field, textsOf(form)[validity.valueMissing ? 0 : 1], 1);
    // The first of them is where to begin.
    form.querySelector(':invalid:not(fieldset)').focus();
  });
  on('input', ({ target }) => notes.has(target) && say(target, ''));
  // Last of all, so that what a site checks itself comes first.
  addEventListener('submit', submit);
  addEventListener('online', send);
  for (const form of doc.querySelectorAll(FORMS)) {
    if (!form.elements._gotcha) {
      const trap = doc.createElement('input');
      form.append(Object.assign(trap, { name: '_gotcha', hidden: true }));
    }
  }
  if (!TEXTS[languageOf(script)]) {
    // 1.js and 1.json
    fetch(script.src + 'on')
      .then((answer) => answer.json())
      .then(
        (texts) => (TEXTS = { ...texts, ...TEXTS }),
        () => {},
      );
  }
  send();
})();
