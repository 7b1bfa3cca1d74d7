/** The text on which the page opens, and the place of the guide that it shows. `npm run lab -- read` writes its vectors. */
export const firstText = {
  text: 'Visitor: Hello. My name is Jubrihal.\nGuide: Hello, and welcome! I noted the name Jubrihal. How can I help?\nVisitor: No, goodbye.\nGuide: Goodbye! I will remember the name',
  /** Number of its tokens. */
  tokens: 60,
  /** Layer and head, counted from 1. */
  layer: 4,
  head: 1,
  /** The selected token. */
  token: 59,
} as const;
