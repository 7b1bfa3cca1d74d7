/** English words that the page shows of the lecture before the lecture itself is fetched. */
export const invitation = {
  start: 'Start the lecture →',
  invite: 'Ten chapters, from “why not just a Transformer?” to a million words, and ten questions.',
  contents: 'Contents',
  link: 'Lesson link …',
  /** What the address of the page names, in quotes, and the lecture does not have. */
  unknownStep: (step: string) => `The lecture has no step ${step}.`,
  unknownSetting: (setting: string, others: number) =>
    others === 0
      ? `There is no setting ${setting} to hide.`
      : `There is no setting ${setting} to hide, nor are there ${others} more that the address names.`,
};
