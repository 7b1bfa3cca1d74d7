/** The lines of a dialogue, as data. */

export type Speaker = 'visitor' | 'guide';

export type SlotName = 'to' | 'from' | 'place' | 'day' | 'time' | 'people' | 'nights' | 'name';

/** A value that the guide has to find in earlier lines, or that a visitor gives. */
export interface Slot {
  name: SlotName;
  value: string;
  /** The word directly before the value. */
  cue: string;
}

/**
 * What a line does. The guide's: `welcome`, `ask` (for a missing slot), `answer` (booked, changed, or told again), `advice` (and an offer),
 * `talk` (fixed lines about the town and the guide), `declined` (off topic), `goodbye`. A visitor's: `visit`.
 */
export type TurnKind = 'visit' | 'welcome' | 'ask' | 'answer' | 'advice' | 'talk' | 'declined' | 'goodbye';

/** One line of a dialogue. */
export interface Turn {
  speaker: Speaker;
  text: string;
  /** In the order of the text. */
  slots: Slot[];
  kind: TurnKind;
  /** Nats of the free choices in a guide's line: all else follows from the lines before it. 0 for a visitor. */
  nats: number;
}

/** The word before the value of each slot. Visitor and guide use the same one. */
export const cues: Readonly<Record<SlotName, string>> = {
  to: 'to',
  from: 'from',
  place: 'in',
  day: 'on',
  time: 'at',
  people: 'for',
  nights: 'staying',
  name: 'name',
};
