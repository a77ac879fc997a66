// Moves the drawn map without asking the server: by buttons, keys, mouse and touch. Without it, the same buttons are links.
const LARGEST = 12; // times closer than drawn
const STEP = 1.5;
const SHARE = 0.25; // of the view that an arrow key moves

for (const figure of document.querySelectorAll("[data-atlas]")) live(figure);

function live(figure) {
  const frame = figure.querySelector(".atlas-frame");
  const svg = figure.querySelector(".atlas");
  const marks = [...svg.querySelectorAll(".atlas-mark")].map((mark) => [mark, mark.getAttribute("transform")]);
  const whole = { width: svg.viewBox.baseVal.width, height: svg.viewBox.baseVal.height };
  const view = { x: 0, y: 0, width: whole.width };
  const narrow = matchMedia("(width < 48rem)");
  let base = 1; // marks keep their size on the screen, however wide the map is drawn
  let start = whole.width; // as wide as it was at first; from there a finger scrolls the page, closer it moves the map
  let more = null;

  const aspect = () => (narrow.matches ? (figure.dataset.detail ? 0.8 : 1) : whole.height / whole.width);
  const widest = () => Math.min(whole.width, whole.height / aspect());

  function show() {
    const widestNow = widest();
    view.width = Math.min(Math.max(view.width, widestNow / LARGEST), widestNow);
    const height = view.width * aspect();
    view.x = Math.min(Math.max(view.x, 0), whole.width - view.width);
    view.y = Math.min(Math.max(view.y, 0), whole.height - height);
    svg.setAttribute("viewBox", [view.x, view.y, view.width, height].map((n) => n.toFixed(2)).join(" "));
    base = narrow.matches ? view.width / Math.max(frame.clientWidth, 1) * 0.85 : view.width / whole.width;
    for (const [mark, place] of marks) mark.setAttribute("transform", `${place} scale(${base.toFixed(3)})`);
    frame.classList.toggle("is-close", view.width < Math.min(start, widestNow) * 0.99);
    offerDetail(height);
  }

  /** Once the map is close, a link asks the server to draw that part anew: summed circles come apart. */
  function offerDetail(height) {
    if (!figure.dataset.detail) return; // the network holds no more than is drawn
    if (view.width >= widest() / 1.4) {
      more?.remove();
      more = null;
      return;
    }
    if (!more) {
      more = document.createElement("a");
      more.className = "atlas-more";
      more.rel = "nofollow";
      more.textContent = figure.dataset.detail;
      figure.append(more);
    }
    const { left, top, units } = figure.dataset;
    const edge = (start, pixels) => Math.round(+start + pixels * units);
    const address = new URL(figure.dataset.here, location.href);
    address.searchParams.delete("region");
    address.searchParams.set("box", [edge(left, view.x), edge(top, view.y), edge(left, view.x + view.width), edge(top, view.y + height)].join(","));
    more.href = address.href.replaceAll("%2C", ",");
  }

  /** Closer or farther, so that the given point of the frame (shares of its size) stays where it is. */
  function zoom(times, across = 0.5, down = 0.5) {
    const before = view.width;
    view.width = Math.min(Math.max(view.width / times, widest() / LARGEST), widest());
    view.x += (before - view.width) * across;
    view.y += (before - view.width) * aspect() * down;
    show();
  }

  function move(across, down) {
    view.x += across * view.width;
    view.y += down * view.width * aspect();
    show();
  }

  const steps = {
    closer: () => zoom(STEP), farther: () => zoom(1 / STEP),
    west: () => move(-SHARE, 0), east: () => move(SHARE, 0), north: () => move(0, -SHARE), south: () => move(0, SHARE),
  };
  const keys = {
    "+": "closer", "=": "closer", "-": "farther", "_": "farther",
    ArrowLeft: "west", ArrowRight: "east", ArrowUp: "north", ArrowDown: "south",
  };

  frame.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "0") Object.assign(view, { x: 0, y: 0, width: whole.width });
    else if (!keys[event.key]) return;
    event.preventDefault();
    if (event.key === "0") show();
    else steps[keys[event.key]]();
  });

  // The links beside the map ask the server for another view; while the drawn one has more to show, it moves instead.
  figure.querySelector(".atlas-steps").addEventListener("click", (event) => {
    const step = event.target.closest("[data-step]")?.dataset.step;
    if (!step || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const before = svg.getAttribute("viewBox");
    steps[step]();
    if (svg.getAttribute("viewBox") !== before) event.preventDefault();
  });

  // A circle that is reached with the keyboard must be in view. (On the frame: Chromium takes an SVG that listens for
  // focus for something to be focused.)
  frame.addEventListener("focusin", (event) => {
    const mark = event.target.closest(".atlas-mark");
    if (!mark || !event.target.matches(":focus-visible")) return;
    const [x, y] = mark.getAttribute("transform").match(/-?[\d.]+/g).map(Number);
    const height = view.width * aspect();
    if (x < view.x || x > view.x + view.width || y < view.y || y > view.y + height) {
      Object.assign(view, { x: x - view.width / 2, y: y - height / 2 });
      show();
    }
  });

  dragging(frame, svg, { zoom, move });
  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return; // the page scrolls; a pinch on a trackpad comes with Ctrl
    event.preventDefault();
    const box = svg.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 200), (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  }, { passive: false });
  narrow.addEventListener("change", show);
  frame.classList.add("is-live");
  if (narrow.matches) {
    // A phone starts where most is; names in the network stand as far apart as they were laid out.
    const points = marks.map(([, place]) => place.match(/-?[\d.]+/g).map(Number));
    view.width = Math.min(widest(), figure.dataset.detail ? whole.width : frame.clientWidth * 1.2);
    start = view.width;
    view.x = fullest(points.map(([x]) => x), view.width);
    view.y = fullest(points.map(([, y]) => y), view.width * aspect());
  }
  show();
}

/** Where a stretch as wide as the given one starts so that it holds most of the places. */
function fullest(places, width) {
  const held = (start) => places.filter((x) => x >= start && x <= start + width).length;
  const best = places.reduce((one, x) => (held(x - width / 12) > held(one) ? x - width / 12 : one), places[0] ?? 0);
  const inside = places.filter((x) => x >= best && x <= best + width);
  return inside.length ? (Math.min(...inside) + Math.max(...inside) - width) / 2 : 0;
}

/** One finger or the mouse moves the map, two fingers change its size. */
function dragging(frame, svg, { zoom, move }) {
  const down = new Map();
  let travelled = 0;

  frame.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    down.set(event.pointerId, event);
    if (down.size === 1) travelled = 0;
  });
  addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    const box = svg.getBoundingClientRect();
    const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
    travelled += Math.hypot(dx, dy);
    if (down.size === 1) {
      if (travelled > 4) frame.setPointerCapture?.(event.pointerId);
      move(-dx / box.width, -dy / box.height);
    } else {
      const other = [...down.values()].find((pointer) => pointer.pointerId !== event.pointerId);
      const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
      zoom(apart(event) / apart(before), (other.clientX - box.left) / box.width, (other.clientY - box.top) / box.height);
    }
    down.set(event.pointerId, event);
  });
  for (const name of ["pointerup", "pointercancel"]) addEventListener(name, (event) => down.delete(event.pointerId));
  // The end of a drag over a circle is no click on it, and links are not dragged away.
  frame.addEventListener("click", (event) => { if (travelled > 6) event.preventDefault(); }, true);
  frame.addEventListener("dragstart", (event) => event.preventDefault());
}
