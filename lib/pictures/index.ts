export { drawGraph } from "./drawGraph";
export { drawLoad } from "./drawLoad";
export { drawMoves } from "./drawMoves";
export { mermaidGraph } from "./mermaidGraph";
export type { PictureMove } from "./moveLines";
export type * from "./types";
