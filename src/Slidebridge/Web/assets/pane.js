// One view of the slide, with the objects of one result, or of the difference of two.
import { ScaleBar } from "./scale-bar.js";
import { json, note } from "./notes.js";
import { limit, limitsOf, tilesOf } from "./slide-tiles.js";

const OpenSeadragon = window.OpenSeadragon;

// OpenSeadragon adds a style element unless it finds one; the page's policy forbids inline styles, so it finds an element of this name that is none.
const found = document.createElementNS("urn:none", "style");
found.setAttribute("data-openseadragon-mobile-css", "");
document.head.append(found);

export class Pane {
  /** The objects that are shown: { layer, panel, … }, or null. */
  objects = null;

  /**
   *   frame   the element for the slide
   *   slide   what the bridge says of it, or { width, height, picture } for the kept picture
   *   panel   the element for the controls of the objects
   */
  constructor(frame, slide, panel) {
    Object.assign(this, { frame, slide, panel });
    const viewer = this.viewer = new OpenSeadragon.Viewer({
      element: frame, tileSources: slide.picture ?? tilesOf(slide), prefixUrl: "", showNavigationControl: false, drawer: "canvas", crossOriginPolicy: false,
      showNavigator: true, navigatorPosition: "BOTTOM_RIGHT", navigatorSizeRatio: 0.16, animationTime: 0.3, springStiffness: 9, blendTime: 0, immediateRender: true, ...limitsOf(frame, slide),
      // A little more than a half: at 1/2, 1/4 … the level of that size is enough, without the four times as many tiles of the next one.
      minPixelRatio: 0.505, maxZoomPixelRatio: 8, minZoomImageRatio: 0.6, visibilityRatio: 0.3, timeout: 60000, gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true }, gestureSettingsTouch: { pinchRotate: true },
      tileRetryMax: 3, tileRetryDelay: 500, // A node may die, or the store be busy for a moment.
      loadTilesWithAjax: false, subPixelRoundingForTransparency: OpenSeadragon.SUBPIXEL_ROUNDING_OCCURRENCES.ALWAYS,
    });
    viewer.slide = slide;
    let failures = 0;
    viewer.addHandler("tile-load-failed", async event => {
      if (!event.maxReached || failures++ > 0) return;
      try { await json(event.tile.getUrl()); note("Some tiles of the slide could not be shown.", true); }
      catch (error) { note(`Some tiles of the slide cannot be shown: ${error.message}`, true); }
    });
    viewer.addHandler("open-failed", event => note(`The slide cannot be shown: ${event.message}`, true));
    /** The slide is there. */
    this.opened = new Promise(done => viewer.addOnceHandler("open", () => {
      limit(viewer, frame, slide);
      viewer.addHandler("animation-finish", () => this.snap());
      this.scale = new ScaleBar(viewer, slide, frame);
      this.scale.update();
      done();
    }));
  }

  /** At 1:1, pixels of the slide lie exactly on pixels of the screen. */
  snap() {
    const view = this.viewer.viewport;
    if (Math.abs(view.viewportToImageZoom(view.getZoom()) * devicePixelRatio - 1) > 1e-6 || view.getRotation() % 90) return;
    const at = view.imageToViewerElementCoordinates(new OpenSeadragon.Point(0, 0));
    const [dx, dy] = [at.x, at.y].map(value => Math.round(value * devicePixelRatio) / devicePixelRatio - value);
    if (Math.abs(dx) + Math.abs(dy) > 1e-3) view.panBy(view.deltaPointsFromPixels(new OpenSeadragon.Point(-dx, -dy)), true);
  }

  /** Where it looks, whatever the size of its frame: the position in the middle, and screen pixels for each level-0 pixel. */
  get place() {
    const view = this.viewer.viewport;
    return { center: view.getCenter(), scale: view.viewportToImageZoom(view.getZoom()) };
  }

  /** Goes there, once the viewer has noticed the size of its frame. */
  async go({ center, scale }) {
    const view = this.viewer.viewport;
    for (let i = 0; i < 60 && Math.abs(view.getContainerSize().x - this.frame.clientWidth) > 1; i++) await new Promise(requestAnimationFrame);
    view.zoomTo(view.imageToViewportZoom(scale), null, true);
    view.panTo(center, true);
  }

  /** Shows the objects at an address: { url, query, title, look, colors }. Resolves when the first are there. */
  async show(what) {
    const { showObjects } = await import("./viewer-objects.js");
    const before = this.objects;
    this.objects = null;
    try {
      this.objects = await showObjects(this.viewer, this.slide, what, this.panel);
    } finally {
      before?.layer.destroy();
    }
  }

  /** What is seen, on a canvas: the slide, and the objects on it. */
  drawOnto(context, x) {
    const own = this.viewer.drawer.canvas;
    context.drawImage(own, x, 0);
    this.objects?.drawOnto(context, x, own.width, own.height);
  }

  close() {
    const { viewer } = this;
    this.unlink?.();
    this.objects?.layer.destroy();
    this.frame.remove();
    this.panel.remove();
    // OpenSeadragon complains of tiles that arrive after its end.
    const end = () => { if (viewer.imageLoader.jobsInProgress > 0) setTimeout(end, 100); else viewer.destroy(); };
    end();
  }
}

/** Moves each of two panes when the other one moves: position, zoom, rotation and mirroring; until the second one is closed. */
export function link(one, other) {
  let isFollowing = false;
  const follow = (from, to) => {
    const [view, own] = [from.viewer.viewport, to.viewer.viewport];
    return event => {
      if (isFollowing) return;
      isFollowing = true;
      const isAtOnce = event?.immediately === true;
      own.setFlip(view.getFlip());
      own.setRotation(view.getRotation(), isAtOnce);
      own.zoomTo(view.getZoom(), null, isAtOnce);
      own.panTo(view.getCenter(), isAtOnce);
      isFollowing = false;
    };
  };
  const names = ["pan", "zoom", "rotate", "flip"], [lead, back] = [follow(one, other), follow(other, one)];
  for (const name of names) {
    one.viewer.addHandler(name, lead);
    other.viewer.addHandler(name, back);
  }
  other.unlink = () => { for (const name of names) one.viewer.removeHandler(name, lead); };
  lead({ immediately: true });
}
