/** English words that the page shows of the lecture before the lecture itself is fetched. */
export const invitation = {
  start: 'Start the lecture →',
  invite: 'Ten chapters, from “why not just a Transformer?” to a million words, and ten questions.',
  contents: 'Contents',
  glossary: 'Glossary',
  link: 'Lesson link …',
  /** What the address of the page names, in quotes, and the lecture does not have. */
  unknownStep: (step: string) => `The lecture has no step ${step}.`,
  invalidPresent: (value: string) => `present is ${value}; it must be 0 or 1.`,
  invalidExercise: (value: string) => `exercise is ${value}; it must be sort.`,
  unknownName: (name: string, others: number) =>
    others === 0
      ? `The link names ${name}, which the page does not know.`
      : `The link names ${name} and ${others} more that the page does not know.`,
  repeatedName: (name: string) => `The link names ${name} more than once; the first one counts.`,
  unknownSetting: (setting: string, others: number) =>
    others === 0
      ? `There is no setting ${setting} to hide.`
      : `There is no setting ${setting} to hide, nor are there ${others} more that the address names.`,
};
