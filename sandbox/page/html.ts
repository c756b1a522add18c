/** The page without any data: the script fills it, as text only. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>leadctl sandbox</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/_sandbox/page.css">
<script src="/_sandbox/page.js" defer></script>
</head>
<body>
<header>
  <h1>leadctl sandbox</h1>
  <p>Stands in for Meta, WhatsApp and Google Sheets. Nothing here leaves this machine.</p>
  <p id="state" role="status">connecting…</p>
</header>
<main>
  <section aria-labelledby="whatsapp">
    <h2 id="whatsapp">WhatsApp</h2>
    <div class="phone"><ol id="messages" aria-live="polite"></ol></div>
  </section>
  <section aria-labelledby="sheets-title">
    <h2 id="sheets-title">Google Sheets</h2>
    <div id="sheets"></div>
    <h2>Calls from leadctl</h2>
    <ol id="faults"></ol>
    <div class="scroll"><table id="requests"></table></div>
  </section>
</main>
<noscript><p>The page needs JavaScript; <code>GET /_sandbox/whatsapp/messages</code> does not.</p></noscript>
</body>
</html>
`;
