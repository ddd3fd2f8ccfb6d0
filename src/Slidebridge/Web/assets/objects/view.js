// The view of an OpenSeadragon viewer as an affine map from level-0 pixels of the slide to pixels of the viewer.

/** { a, b, c, d, e, f }: x' = a x + c y + e, y' = b x + d y + f; css pixels. Null before a slide is open. */
export function viewOf(viewer, slide) {
  const item = viewer.world?.getItemAt(0);
  if (!item) return null;
  const size = item.getContentSize(), point = (x, y) => {
    const at = viewer.viewport.pixelFromPoint(item.imageToViewportCoordinates(x, y, true), true);
    if (viewer.viewport.getFlip()) at.x = viewer.viewport.getContainerSize().x - at.x;
    return at;
  };
  const origin = point(0, 0), right = point(size.x, 0), down = point(0, size.y);
  return {
    a: (right.x - origin.x) / slide.width, b: (right.y - origin.y) / slide.width,
    c: (down.x - origin.x) / slide.height, d: (down.y - origin.y) / slide.height,
    e: origin.x, f: origin.y,
  };
}

/** Css pixels in a level-0 pixel. */
export const scaleOf = view => Math.hypot(view.a, view.b);

/** The level-0 position of a pixel of the viewer. */
export function slidePoint(view, x, y) {
  const { a, b, c, d, e, f } = view, determinant = a * d - b * c;
  return { x: (d * (x - e) - c * (y - f)) / determinant, y: (a * (y - f) - b * (x - e)) / determinant };
}

/** Level-0 box of what a viewer of a size shows. */
export function visibleBox(view, width, height) {
  const corners = [[0, 0], [width, 0], [0, height], [width, height]].map(([x, y]) => slidePoint(view, x, y));
  const xs = corners.map(corner => corner.x), ys = corners.map(corner => corner.y);
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

/** For WebGL: from units of `unit` level-0 pixels, with their origin at (x, y), to clip space. */
export function matrixOf(view, width, height, x, y, unit) {
  const { a, b, c, d, e, f } = view, toX = 2 / width, toY = -2 / height;
  return [
    a * unit * toX, b * unit * toY, 0,
    c * unit * toX, d * unit * toY, 0,
    (a * x + c * y + e) * toX - 1, (b * x + d * y + f) * toY + 1, 1,
  ];
}

export const sameView = (one, other) => one && other && ["a", "b", "c", "d", "e", "f"].every(key => one[key] === other[key]);
