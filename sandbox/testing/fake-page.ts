/** As much of an element as the live page's script uses. Children are elements or text, never markup. */
class FakeNode {
  className = '';
  children: (FakeNode | string)[] = [];
  parent: FakeNode | undefined;
  scrollHeight = 0;
  scrollTop = 0;
  clientHeight = 0;

  get parentElement(): FakeNode {
    return (this.parent ??= new FakeNode());
  }

  append(...added: (FakeNode | string)[]): void {
    this.children.push(...added);
  }

  replaceChildren(...added: (FakeNode | string)[]): void {
    this.children = added;
  }

  get textContent(): string {
    return this.children
      .map((child) => (typeof child === 'string' ? child : child.textContent))
      .join('');
  }

  set textContent(text: string) {
    this.children = [text];
  }
}

export interface FakePage {
  /** What the script finds as its globals; its timers never fire. */
  readonly globals: Record<string, unknown>;
  text(id: string): string;
}

/** Stands in for a browser where there is none. */
export function createFakePage(origin: string): FakePage {
  const nodes = new Map<string, FakeNode>();
  const byId = (id: string) => {
    const node = nodes.get(id) ?? new FakeNode();
    nodes.set(id, node);
    return node;
  };
  return {
    globals: {
      Node: FakeNode,
      AbortSignal,
      document: { hidden: false, getElementById: byId, createElement: () => new FakeNode() },
      fetch: (path: string, init: RequestInit) => fetch(origin + path, init),
      setTimeout: () => undefined,
    },
    text: (id) => byId(id).textContent,
  };
}
