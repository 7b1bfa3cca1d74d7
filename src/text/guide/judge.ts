/** Checks a reply of a model against the guide's line. */
import { refusal } from './dialogue';
import type { Turn } from './turn';

export interface Judgement {
  /** Every slot of the line stands in the reply, in order, directly after its cue, and no cue stands there more often than in the line. */
  slotsRight: boolean;
  /** The reply refuses the question as off topic. */
  declined: boolean;
  /** The reply ends with a line break, as a guide's line does. */
  ended: boolean;
  /** The reply is the line, word for word. */
  exact: boolean;
}

const isLetter = (character: string | undefined): boolean => character !== undefined && /[\w'-]/.test(character);

/** Indices after each occurrence of a word. */
function endsOf(word: string, text: string): number[] {
  return [...text.matchAll(new RegExp(`\\b${word}\\b`, 'g'))].map(({ index }) => index + word.length);
}

/** `reply` is what a model wrote after the guide's mark, with the line break if it wrote one. */
export function judgeReply(turn: Turn, reply: string): Judgement {
  const end = reply.indexOf('\n');
  const text = (end < 0 ? reply : reply.slice(0, end)).trim();
  let position = 0;
  let slotsRight = true;
  for (const { value, cue } of turn.slots) {
    const next = endsOf(cue, text).find((index) => index > position);
    if (next === undefined || !text.startsWith(` ${value}`, next) || isLetter(text[next + 1 + value.length])) {
      slotsRight = false;
      break;
    }
    position = next + 1 + value.length;
  }
  for (const { cue } of turn.slots) slotsRight &&= endsOf(cue, text).length === endsOf(cue, turn.text).length;
  return { slotsRight, declined: text.includes(refusal), ended: end >= 0, exact: text === turn.text };
}
