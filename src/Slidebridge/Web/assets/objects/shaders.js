// The shaders of the layer. Vertices come from a texture, not from attributes: with instanced attributes, a software renderer takes 28 µs for each segment of a line.
// A matrix leads from pixels of the tile's level to the clip space of the target.

const vertices = `#version 300 es
precision highp float; precision highp int; precision highp usampler2D;
uniform usampler2D vertices;
uniform sampler2D classes;
uniform mat3 matrix;
uvec4 vertexAt(int i) { return texelFetch(vertices, ivec2(i & 1023, i >> 10), 0); }
vec2 placeOf(uvec4 v) { return vec2(float(int(v.x << 16) >> 16), float(int(v.x) >> 16)) / 8.0; }
vec3 rgb(uint c) { return vec3(float((c >> 16) & 255u), float((c >> 8) & 255u), float(c & 255u)) / 255.0; }
// A class's column of the lookup texture: colour and visibility; then the lowest score that is shown, and whether objects keep their own colours.
bool look(uvec4 v, out vec3 color) {
  int cls = int(v.y & 255u);
  float score = float((v.y >> 8) & 255u);
  vec4 first = texelFetch(classes, ivec2(cls, 0), 0), second = texelFetch(classes, ivec2(cls, 1), 0);
  float least = second.r * 255.0;
  color = (v.y & 0x20000u) != 0u && second.g > 0.5 ? rgb(v.z) : first.rgb;
  return first.a > 0.5 && (least <= 1.5 || score >= least - 0.5);
}
vec4 clipOf(vec2 at) { return vec4((matrix * vec3(at, 1.0)).xy, 0.0, 1.0); }
const vec4 nowhere = vec4(2.0, 2.0, 2.0, 1.0);
// The corners of two triangles.
vec2 corner(int i) { return vec2(i == 1 || i == 2 || i == 4 ? 1.0 : -1.0, i == 2 || i == 4 || i == 5 ? 1.0 : -1.0); }
`;

// Outside its tile nothing is drawn: the neighbour draws it.
const clip = `#version 300 es
precision highp float;
uniform float edge;
void stay(vec2 at) { if (edge > 0.0 && (at.x < 0.0 || at.y < 0.0 || at.x >= edge || at.y >= edge)) discard; }
`;

export const area = {
  vertex: `${vertices}
out vec2 at; flat out vec3 color;
void main() {
  uvec4 v = vertexAt(gl_VertexID);
  at = placeOf(v);
  gl_Position = look(v, color) ? clipOf(at) : nowhere;
}`,
  fragment: `${clip}
in vec2 at; flat in vec3 color; out vec4 pixel; uniform float alpha;
void main() { stay(at); pixel = vec4(color * alpha, alpha); }`,
};

export const line = {
  vertex: `${vertices}
uniform float halfWidth;
out vec2 at; out float across; flat out vec3 color;
void main() {
  int segment = gl_VertexID / 6;
  uvec4 v = vertexAt(segment);
  if ((v.y & 0x10000u) == 0u || !look(v, color)) { gl_Position = nowhere; return; }
  vec2 a = placeOf(v), b = placeOf(vertexAt(segment + 1)), along = b - a, side = corner(gl_VertexID % 6);
  along = length(along) > 0.0 ? normalize(along) : vec2(1.0, 0.0);
  float reach = halfWidth + 0.5;
  across = side.y * reach / halfWidth;
  at = (side.x > 0.0 ? b : a) + along * side.x * halfWidth * 0.5 + vec2(-along.y, along.x) * side.y * reach;
  gl_Position = clipOf(at);
}`,
  fragment: `${clip}
in vec2 at; in float across; flat in vec3 color; out vec4 pixel; uniform float halfWidth, scale, alpha;
void main() {
  stay(at);
  float cover = clamp((1.0 - abs(across)) * halfWidth * scale + 0.5, 0.0, 1.0) * alpha;
  pixel = vec4(color * cover, cover);
}`,
};

export const disc = {
  vertex: `${vertices}
uniform float radius;
out vec2 at, from; flat out vec3 color;
void main() {
  uvec4 v = vertexAt(gl_VertexID / 6);
  from = corner(gl_VertexID % 6) * (radius + 0.5);
  at = placeOf(v) + from;
  gl_Position = look(v, color) ? clipOf(at) : nowhere;
}`,
  fragment: `${clip}
in vec2 at, from; flat in vec3 color; out vec4 pixel; uniform float radius, scale, alpha;
void main() {
  stay(at);
  float inside = (radius - length(from)) * scale, cover = clamp(inside + 0.5, 0.0, 1.0) * alpha;
  pixel = vec4(mix(vec3(1.0), color, clamp(inside - 0.5, 0.0, 1.0)) * cover, cover);
}`,
};

/** Draws a part of a picture: of a tile that was drawn before, or of the cells of a tile. */
export const picture = {
  vertex: `#version 300 es
uniform mat3 matrix; uniform vec4 part;
out vec2 at;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  at = part.xy + corner * part.zw;
  gl_Position = vec4((matrix * vec3(corner, 1.0)).xy, 0.0, 1.0);
}`,
  fragment: `#version 300 es
precision highp float;
in vec2 at; out vec4 pixel; uniform sampler2D image; uniform float opacity;
void main() { pixel = texture(image, at) * opacity; }`,
};

/** The outline of the selected object: pixels of the canvas. */
export const mark = {
  vertex: `#version 300 es
layout(location=0) in vec2 xy;
void main() { gl_Position = vec4(xy, 0.0, 1.0); }`,
  fragment: `#version 300 es
precision highp float;
out vec4 pixel; uniform vec4 color;
void main() { pixel = color; }`,
};
