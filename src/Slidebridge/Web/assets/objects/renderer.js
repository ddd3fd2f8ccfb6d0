import * as shaders from "./shaders.js";
import { paintCells } from "./density.js";
import { FlatScreen } from "./flat-screen.js";
import { rowLength } from "./tile.js";

/** Pixels of a tile's picture: those of its level. */
export const tileEdge = 512;

/** Widths in pixels of the picture or canvas. */
const halfLine = 0.9, pointRadius = 4, pictureBytes = tileEdge * tileEdge * 4;

/** Draws tiles with WebGL 2: each one once into a picture, which is then drawn again and again while the view moves; or directly, beyond full resolution. */
export class Renderer {
  #flat = null;

  constructor() {
    const gl = this.gl = document.createElement("canvas").getContext("webgl2", { alpha: true, premultipliedAlpha: true, stencil: true, antialias: false, depth: false, preserveDrawingBuffer: true });
    if (!gl) throw new Error("This browser has no WebGL 2.");
    const debug = gl.getExtension("WEBGL_debug_renderer_info");
    this.isSoftware = /swiftshader|llvmpipe|software|basic render/i.test(gl.getParameter(debug ? debug.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
    if (this.isSoftware) this.#flat = new FlatScreen();
    this.fillAlpha = 0.3;
    this.#start();
  }

  /** What is shown. */
  get canvas() {
    return (this.#flat ?? this.gl).canvas;
  }

  /** Makes everything again, after the context was lost. */
  #start() {
    const gl = this.gl;
    this.programs = Object.fromEntries(Object.entries(shaders).map(([name, source]) => [name, this.#program(source)]));
    this.target = gl.createFramebuffer();
    this.stencil = gl.createRenderbuffer();
    gl.bindRenderbuffer(gl.RENDERBUFFER, this.stencil);
    gl.renderbufferStorage(gl.RENDERBUFFER, gl.DEPTH24_STENCIL8, tileEdge, tileEdge);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.target);
    gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.DEPTH_STENCIL_ATTACHMENT, gl.RENDERBUFFER, this.stencil);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    this.classes = this.#texture(gl.NEAREST);
    this.empty = gl.createVertexArray();
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    this.#warm();
  }

  /** Draws nothing with each program: a software renderer compiles a program when it is first used, which takes about 100 ms, while the summary is fetched. */
  #warm() {
    const gl = this.gl, nothing = this.#vertexTexture({ count: 1, rows: 1, words: new Uint32Array(4 * rowLength) }, { bytes: 0 });
    const image = this.#texture(gl.LINEAR);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, tileEdge, tileEdge);
    const indices = gl.createBuffer(), array = gl.createVertexArray();
    gl.bindVertexArray(array);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, indices);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, new Uint16Array(3), gl.STATIC_DRAW);
    const up = { vertices: nothing, pointVertices: nothing, indices, array, groups: [{ start: 0, count: 3 }], segments: 1, points: 1, picture: image, cells: image };
    this.setStyles(Array.from({ length: 256 }, () => ({ red: 0, green: 0, blue: 0, isVisible: true, least: 0, ownColors: true })));
    if (this.#flat) this.#paintFlat({ ...up, cells: null });
    else this.#paint({ ...up, cells: null });
    this.begin(1, 1, true);
    this.#drawImage(image, [0, 0, 0, 0, 0, 0, 0, 0, 1], [0, 0, 1, 1], 0);
    this.remove({ ...up, cells: null, pointVertices: null, picture: null });
    gl.deleteTexture(image);
  }

  restart() {
    const styles = this.styles;
    this.#start();
    this.setStyles(styles);
  }

  #program({ vertex, fragment }) {
    const gl = this.gl, program = gl.createProgram();
    for (const [type, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) throw new Error(gl.getShaderInfoLog(shader));
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) throw new Error(gl.getProgramInfoLog(program));
    const uniforms = {};
    for (let i = 0; i < (gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS) ?? 0); i++) {
      const { name } = gl.getActiveUniform(program, i);
      uniforms[name] = gl.getUniformLocation(program, name);
    }
    return { program, uniforms };
  }

  #texture(filter) {
    const gl = this.gl, texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    for (const [name, value] of [[gl.TEXTURE_MIN_FILTER, filter], [gl.TEXTURE_MAG_FILTER, filter], [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE], [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE]]) gl.texParameteri(gl.TEXTURE_2D, name, value);
    return texture;
  }

  /** The look of each class: 256 × { red, green, blue, isVisible, least (0 to 255), ownColors }. */
  setStyles(styles) {
    this.styles = styles;
    const gl = this.gl, pixels = new Uint8Array(2 * 4 * 256);
    styles.forEach((each, i) => {
      pixels.set([each.red, each.green, each.blue, each.isVisible ? 255 : 0], 4 * i);
      pixels.set([each.least, each.ownColors ? 255 : 0, 0, 0], 4 * (256 + i));
    });
    gl.bindTexture(gl.TEXTURE_2D, this.classes);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 2, 0, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  }

  /** Moves a tile to the graphics card; `bytes` is what it takes there. */
  upload(tile) {
    const gl = this.gl, { vertices, points, indices, groups } = tile.geometry();
    const up = { groups, segments: Math.max(0, vertices.count - 1), points: points.count, bytes: 0, picture: null, styleVersion: -1, cells: null, tile: null };
    up.vertices = this.#vertexTexture(vertices, up);
    up.pointVertices = this.#vertexTexture(points, up);
    if (groups.length > 0) {
      up.indices = gl.createBuffer();
      gl.bindVertexArray(up.array = gl.createVertexArray());
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, up.indices);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, indices, gl.STATIC_DRAW);
      gl.bindVertexArray(null);
      up.bytes += indices.byteLength;
    }
    // Cells are summed again for each change of a class.
    if (tile.cells.length > 0) up.tile = tile;
    return up;
  }

  #vertexTexture({ count, rows, words }, up) {
    if (count === 0) return null;
    const gl = this.gl, texture = this.#texture(gl.NEAREST);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32UI, rowLength, rows, 0, gl.RGBA_INTEGER, gl.UNSIGNED_INT, words);
    up.bytes += words.byteLength;
    return texture;
  }

  remove(up) {
    const gl = this.gl;
    for (const texture of [up.vertices, up.pointVertices, up.cells]) if (texture) gl.deleteTexture(texture);
    this.#removePicture(up);
    if (!up.indices) return;
    gl.deleteBuffer(up.indices);
    gl.deleteVertexArray(up.array);
  }

  #removePicture(up) {
    if (up.picture && this.#flat) up.picture.width = 0; // Frees its pixels at once.
    else if (up.picture) this.gl.deleteTexture(up.picture);
    up.picture = null;
  }

  #paintCells(up, usual) {
    const gl = this.gl, { pixels, edge } = paintCells(up.tile, this.styles, usual);
    if (up.cells) gl.bindTexture(gl.TEXTURE_2D, up.cells);
    else {
      up.cells = this.#texture(gl.LINEAR);
      up.bytes += pixels.byteLength;
    }
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, edge, edge, 0, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  }

  /** Draws a tile into its picture. */
  paint(up, usual) {
    const gl = this.gl;
    if (up.tile) this.#paintCells(up, usual);
    if (!up.picture) up.bytes += pictureBytes;
    if (this.#flat) {
      this.#removePicture(up);
      this.#paintFlat(up);
      up.picture = FlatScreen.copyOf(gl.canvas);
      return;
    }
    if (!up.picture) {
      up.picture = this.#texture(gl.LINEAR);
      gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, tileEdge, tileEdge);
    }
    this.#paint(up);
  }

  #paintFlat(up) {
    this.#resize(tileEdge, tileEdge);
    this.#clear(tileEdge, tileEdge);
    // From the top, as a canvas is.
    this.#draw(up, [2 / tileEdge, 0, 0, 0, -2 / tileEdge, 0, -1, 1, 1], 1, false, 1);
  }

  #paint(up) {
    const gl = this.gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.target);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, up.picture, 0);
    this.#clear(tileEdge, tileEdge);
    this.#draw(up, [2 / tileEdge, 0, 0, 0, 2 / tileEdge, 0, -1, -1, 1], 1, false, 1);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  }

  #clear(width, height) {
    const gl = this.gl;
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.STENCIL_BUFFER_BIT);
  }

  #resize(width, height) {
    const { canvas } = this.gl;
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  }

  /** Begins a frame. `isDirect`: its tiles are drawn by drawDirectly. */
  begin(width, height, isDirect) {
    this.isDirect = isDirect;
    this.#flat?.begin();
    if (this.#flat && !isDirect) return;
    if (this.#flat) this.#resize(width, height);
    this.gl.bindFramebuffer(this.gl.FRAMEBUFFER, null);
    this.#clear(width, height);
  }

  /** Ends the tiles of a frame; marks follow. */
  finish() {
    if (this.#flat && this.isDirect) this.#flat.put(this.gl.canvas);
  }

  /** Draws a part of a tile's picture: x, y, width and height of the part, 0 to 1; the matrix leads from the part to clip space. */
  drawPicture(up, matrix, part, opacity) {
    if (this.#flat) this.#flat.drawPicture(up.picture, matrix, part, opacity);
    else this.#drawImage(up.picture, matrix, part, opacity);
  }

  #drawImage(image, matrix, part, opacity) {
    const gl = this.gl, { uniforms } = this.#use(this.programs.picture, matrix);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, image);
    gl.uniform1i(uniforms.image, 0);
    gl.uniform4fv(uniforms.part, part);
    gl.uniform1f(uniforms.opacity, opacity);
    gl.bindVertexArray(this.empty);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  /** Draws a tile itself. `scale`: pixels of the canvas in a pixel of the level. */
  drawDirectly(up, matrix, scale, usual, opacity, styleVersion) {
    if (up.tile && up.styleVersion !== styleVersion) {
      this.#paintCells(up, usual);
      up.styleVersion = styleVersion;
      // The picture is painted when it is needed.
      this.#removePicture(up);
    }
    this.#draw(up, matrix, scale, true, opacity);
  }

  #use(which, matrix) {
    const gl = this.gl;
    gl.useProgram(which.program);
    if (matrix) gl.uniformMatrix3fv(which.uniforms.matrix, false, matrix);
    return which;
  }

  #draw(up, matrix, scale, isClipped, opacity) {
    const gl = this.gl;
    if (up.cells) this.#drawImage(up.cells, scaled(matrix, tileEdge), [0, 0, 1, 1], opacity);
    const use = (which, texture) => {
      const { uniforms } = this.#use(which, matrix);
      gl.activeTexture(gl.TEXTURE1);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.activeTexture(gl.TEXTURE0);
      gl.bindTexture(gl.TEXTURE_2D, this.classes);
      gl.uniform1i(uniforms.classes, 0);
      gl.uniform1i(uniforms.vertices, 1);
      gl.uniform1f(uniforms.edge, isClipped ? tileEdge : 0);
      gl.uniform1f(uniforms.scale, scale);
      gl.uniform1f(uniforms.alpha, opacity);
      gl.bindVertexArray(this.empty);
      return uniforms;
    };
    if (up.indices && this.fillAlpha > 0) this.#fill(up, use(this.programs.area, up.vertices), opacity);
    if (up.segments > 0) {
      gl.uniform1f(use(this.programs.line, up.vertices).halfWidth, halfLine / scale);
      gl.drawArrays(gl.TRIANGLES, 0, 6 * up.segments);
    }
    if (up.points > 0) {
      gl.uniform1f(use(this.programs.disc, up.pointVertices).radius, pointRadius / scale);
      gl.drawArrays(gl.TRIANGLES, 0, 6 * up.points);
    }
  }

  #fill(up, uniforms, opacity) {
    const gl = this.gl;
    gl.uniform1f(uniforms.alpha, this.fillAlpha * opacity);
    gl.bindVertexArray(up.array);
    gl.enable(gl.STENCIL_TEST);
    for (const { start, count } of up.groups) {
      gl.colorMask(false, false, false, false);
      gl.stencilFunc(gl.ALWAYS, 0, 1);
      gl.stencilOp(gl.KEEP, gl.KEEP, gl.INVERT);
      gl.drawElements(gl.TRIANGLES, count, gl.UNSIGNED_SHORT, 2 * start);
      gl.colorMask(true, true, true, true);
      // Each covered pixel is drawn once, and is then free for the next group.
      gl.stencilFunc(gl.NOTEQUAL, 0, 1);
      gl.stencilOp(gl.KEEP, gl.KEEP, gl.ZERO);
      gl.drawElements(gl.TRIANGLES, count, gl.UNSIGNED_SHORT, 2 * start);
    }
    gl.disable(gl.STENCIL_TEST);
  }

  /** Draws the outline of the selected object: triangles in clip space. */
  drawMark(triangles, color) {
    if (this.#flat) {
      this.#flat.fill(triangles, color);
      return;
    }
    const gl = this.gl, { uniforms } = this.#use(this.programs.mark, null);
    this.markBuffer ??= gl.createBuffer();
    gl.bindVertexArray(this.markArray ??= gl.createVertexArray());
    gl.bindBuffer(gl.ARRAY_BUFFER, this.markBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, triangles, gl.STREAM_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    gl.uniform4fv(uniforms.color, color);
    gl.drawArrays(gl.TRIANGLES, 0, triangles.length / 2);
    gl.bindVertexArray(null);
  }

  lose() {
    this.markBuffer = this.markArray = undefined;
  }
}

/** A matrix from units that are `by` times as large. */
const scaled = (m, by) => [m[0] * by, m[1] * by, 0, m[3] * by, m[4] * by, 0, m[6], m[7], 1];
