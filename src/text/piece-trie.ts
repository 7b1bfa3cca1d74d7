/** Pieces by their first characters: finds all pieces that begin at a place of a text. */
export class PieceTrie {
  private readonly next = new Map<number, number>();
  /** Of each node, the id of the piece that ends there, or −1. */
  private readonly ids: number[] = [-1];

  get isEmpty(): boolean {
    return this.ids.length === 1;
  }

  add(piece: string, id: number): void {
    let node = 0;
    for (let i = 0; i < piece.length; i++) {
      const key = node * 65_536 + piece.charCodeAt(i);
      const child = this.next.get(key) ?? this.ids.push(-1) - 1;
      this.next.set(key, child);
      node = child;
    }
    this.ids[node] = id;
  }

  /** Calls `visit` with the id and the end of each piece that begins at `at`, the shortest first. */
  visit(text: string, at: number, visit: (id: number, end: number) => void): void {
    let node: number | undefined = 0;
    for (let i = at; i < text.length; i++) {
      node = this.next.get(node * 65_536 + text.charCodeAt(i));
      if (node === undefined) return;
      if (this.ids[node] >= 0) visit(this.ids[node], i + 1);
    }
  }

  /** The longest piece that begins at `at`. */
  longest(text: string, at: number): { id: number; end: number } | undefined {
    let found: { id: number; end: number } | undefined;
    this.visit(text, at, (id, end) => {
      found = { id, end };
    });
    return found;
  }

  /** Divides a text at the pieces that it holds, from the left, the longest first: texts between them, and ids. */
  split(text: string): (string | number)[] {
    const parts: (string | number)[] = [];
    let start = 0;
    for (let at = 0; at < text.length; ) {
      const found = this.longest(text, at);
      if (!found) {
        at++;
        continue;
      }
      if (at > start) parts.push(text.slice(start, at));
      parts.push(found.id);
      at = found.end;
      start = at;
    }
    if (start < text.length) parts.push(text.slice(start));
    return parts;
  }
}
