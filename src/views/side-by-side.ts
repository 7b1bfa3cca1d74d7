import { words } from '../language/words';
import type { Tokenizer } from '../text/tokenizer';
import { showPiece } from '../text/utf8';
import { make } from '../ui/dom';

/** Rounds of the versions; 0 is full attention. */
const roundsOfVersions = [0, 4, 1];

/** Continuations of one text with full attention, 4 and 1 rounds. The first piece that differs from full attention is marked. */
export class SideBySide {
  readonly element = make('dl', { className: 'versions', hidden: true });

  /**
   * Begins to continue a text. The result draws one more token of each version by `draw`, which is given ids and rounds; if it throws, no
   * version has grown.
   */
  start(tokenizer: Tokenizer, ids: Int32Array) {
    const { full, rounds: countOf } = words.compare;
    const versions = roundsOfVersions.map((rounds) => ({
      rounds,
      ids: Array.from(ids),
      text: make('dd', { className: 'pieces' }),
    }));
    const rows = versions.flatMap(({ rounds, text }) => [make('dt', {}, rounds === 0 ? full : countOf(rounds)), text]);
    this.element.replaceChildren(...rows);
    this.element.hidden = false;
    return async (draw: (ids: number[], rounds: number) => Promise<number>): Promise<void> => {
      const drawn: number[] = [];
      for (const { ids, rounds } of versions) drawn.push(await draw(ids, rounds));
      for (const [k, version] of versions.entries()) {
        version.ids.push(drawn[k]);
        const at = version.ids.findIndex((id, place) => id !== versions[0].ids[place]);
        const pieces = version.ids.slice(ids.length).map((id) => showPiece(tokenizer.piece(id)));
        const spans = pieces.map((piece, place) =>
          make('span', { className: place + ids.length === at ? 'differs' : '' }, piece),
        );
        version.text.replaceChildren(...spans);
      }
    };
  }
}
