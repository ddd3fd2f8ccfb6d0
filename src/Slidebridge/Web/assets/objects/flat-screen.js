// The layer's canvas where WebGL is emulated in software. There, a browser that shows a WebGL canvas reads all of its pixels back for each frame, which takes longer than the drawing. So only the
// tiles' pictures are drawn by WebGL, once each; the frame is put together from them by a plain canvas.

export class FlatScreen {
  #context;

  constructor() {
    this.canvas = document.createElement("canvas");
    this.#context = this.canvas.getContext("2d");
  }

  begin() {
    this.#context.setTransform(1, 0, 0, 1, 0, 0);
    this.#context.globalAlpha = 1;
    this.#context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** A copy of a canvas. */
  static copyOf(source) {
    const copy = Object.assign(document.createElement("canvas"), { width: source.width, height: source.height });
    copy.getContext("2d").drawImage(source, 0, 0);
    return copy;
  }

  /** Draws a canvas of the same size over everything. */
  put(source) {
    this.#context.drawImage(source, 0, 0);
  }

  /** Draws a part of a picture: x, y, width and height of the part, 0 to 1; the matrix leads from the part to clip space. */
  drawPicture(picture, m, [left, top, width, height], opacity) {
    const context = this.#context, halfWidth = this.canvas.width / 2, halfHeight = this.canvas.height / 2;
    const from = [left * picture.width, top * picture.height, width * picture.width, height * picture.height];
    const [a, b, c, d, e, f] = [m[0] * halfWidth, -m[1] * halfHeight, m[3] * halfWidth, -m[4] * halfHeight, (m[6] + 1) * halfWidth, (1 - m[7]) * halfHeight];
    context.globalAlpha = opacity;
    if (a > 0 && d > 0 && Math.abs(b) + Math.abs(c) < 1e-6) {
      // On whole pixels, so that neighbours have no seam, and a picture at its own scale is only copied.
      const [x, y] = [Math.round(e), Math.round(f)], [right, bottom] = [Math.round(e + a), Math.round(f + d)];
      context.imageSmoothingEnabled = right - x !== from[2] || bottom - y !== from[3];
      context.drawImage(picture, ...from, x, y, right - x, bottom - y);
      return;
    }
    context.imageSmoothingEnabled = true;
    context.setTransform(a, b, c, d, e, f);
    context.drawImage(picture, ...from, 0, 0, 1, 1);
    context.setTransform(1, 0, 0, 1, 0, 0);
  }

  /** Fills triangles of clip space. */
  fill(triangles, [red, green, blue]) {
    const context = this.#context, x = i => (triangles[i] + 1) / 2 * this.canvas.width, y = i => (1 - triangles[i]) / 2 * this.canvas.height;
    context.globalAlpha = 1;
    context.fillStyle = `rgb(${255 * red} ${255 * green} ${255 * blue})`;
    context.beginPath();
    for (let i = 0; i < triangles.length; i += 6) {
      context.moveTo(x(i), y(i + 1));
      context.lineTo(x(i + 2), y(i + 3));
      context.lineTo(x(i + 4), y(i + 5));
      context.closePath();
    }
    context.fill();
  }
}
