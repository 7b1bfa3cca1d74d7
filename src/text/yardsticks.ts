/** Losses of models that only count bytes, to compare a language model with. All in float64. */

/** Mean losses in nats a byte. */
export interface Yardsticks {
  /** Each byte by its frequency. */
  letters: number;
  /** Each byte by the four bytes before it, as Witten and Bell mix the counts of longer and shorter contexts. */
  fourBytes: number;
}

/** Number of different bytes. */
const symbols = 256;

/** What followed one context: how often each byte did, and how often any. */
interface Followers {
  total: number;
  counts: Map<number, number>;
}

/**
 * The mean loss of `text` in nats a byte, by counts of the bytes of `learned` that follow `order` bytes. `text` is read as the continuation
 * of `learned`, but adds nothing to the counts.
 *
 * P(c | h) = (N(h, c) + T(h) · P(c | h′)) / (N(h) + T(h)), with N the counts after the context h, T the number of different bytes after it,
 * and h′ the context without its first byte; before the empty context stands 1/256 (Witten, Bell 1991; Chen, Goodman 1999, eq. 17).
 */
export function countedLoss(learned: Uint8Array, text: Uint8Array, order: number): number {
  const tables = Array.from({ length: order + 1 }, () => new Map<number, Followers>());
  learned.forEach((byte, at) => {
    for (let length = 0; length <= Math.min(order, at); length++) {
      const table = tables[length] as Map<number, Followers>;
      const context = contextOf(learned, at, length);
      const followers = table.get(context) ?? { total: 0, counts: new Map() };
      followers.total++;
      followers.counts.set(byte, (followers.counts.get(byte) ?? 0) + 1);
      table.set(context, followers);
    }
  });
  const tail = learned.subarray(Math.max(0, learned.length - order));
  const all = new Uint8Array([...tail, ...text]);
  let nats = 0;
  for (let at = tail.length; at < all.length; at++) {
    let probability = 1 / symbols;
    for (let length = 0; length <= Math.min(order, at); length++) {
      const followers = tables[length]?.get(contextOf(all, at, length));
      // A longer context that includes an unknown one is unknown too.
      if (!followers) break;
      const { total, counts } = followers;
      probability = ((counts.get(all[at] as number) ?? 0) + counts.size * probability) / (total + counts.size);
    }
    nats -= Math.log(probability);
  }
  return nats / text.length;
}

/** The `length` bytes before a place as one number. */
function contextOf(bytes: Uint8Array, at: number, length: number): number {
  let context = 0;
  for (let back = length; back > 0; back--) context = context * symbols + (bytes[at - back] as number);
  return context;
}

/** The losses of `text` by the counts of `learned`, the text before it. */
export function yardsticksOf(learned: Uint8Array, text: Uint8Array): Yardsticks {
  return { letters: countedLoss(learned, text, 0), fourBytes: countedLoss(learned, text, 4) };
}
