// Draws Natural Earth's land and borders once, with d3-geo, into basemap.json, which reading/basemap.py reads.
//
// In an empty folder outside the repository:
//   npm install world-atlas@2 d3-geo@3 topojson-client@3 topojson-simplify@3
//   cp …/archive/reading/data/build_basemap.mjs . && node build_basemap.mjs > …/archive/reading/data/basemap.json
//
// d3-geo cuts polygons at the antimeridian, so that Russia and Fiji do not streak across the map. "checks" are points
// projected here; tests/reading/test_projection.py holds reading/projection.py against them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { geoEqualEarth, geoPath } from "d3-geo";
import { merge, mesh } from "topojson-client";
import { presimplify, simplify, sphericalTriangleArea } from "topojson-simplify";

const require = createRequire(import.meta.url);
const WIDTH = 20000; // whole units from the left edge of the world to its right edge
const SCALE = WIDTH / 2 / projectedHalfWidth();
const projection = geoEqualEarth().scale(SCALE).translate([0, 0]).precision(6);

function projectedHalfWidth() {
  return geoEqualEarth().scale(1).translate([0, 0])([180, 0])[0];
}

/** Collects what geoPath draws as rings of whole numbers; steps of nothing are left out. */
class Rings {
  rings = [];
  moveTo(x, y) { this.rings.push([Math.round(x), Math.round(y)]); }
  lineTo(x, y) {
    const ring = this.rings.at(-1), to = [Math.round(x), Math.round(y)];
    if (to[0] !== ring.at(-2) || to[1] !== ring.at(-1)) ring.push(...to);
  }
  closePath() {}
  arc() {}
}

function area(ring) {
  let sum = 0;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) sum += ring[j] * ring[i + 1] - ring[i] * ring[j + 1];
  return Math.abs(sum / 2);
}

function drawn(shape, keep) {
  const context = new Rings();
  geoPath(projection, context)(shape);
  return context.rings.filter(keep).map((ring) =>
    ring.map((value, at) => (at < 2 ? value : value - ring[at - 2])).join(" "));
}

/** detail: the smallest triangle kept, in steradians; smallest: the smallest island kept, in square units. */
function layer(file, detail, smallest) {
  let topology = JSON.parse(readFileSync(require.resolve(`world-atlas/${file}`)));
  if (detail) topology = simplify(presimplify(topology, sphericalTriangleArea), detail);
  const countries = topology.objects.countries;
  countries.geometries = countries.geometries.filter((shape) => shape.id !== "010"); // Antarctica: nobody lives there
  return {
    land: drawn(merge(topology, countries.geometries), (ring) => ring.length >= 6 && area(ring) >= smallest),
    borders: drawn(mesh(topology, countries, (a, b) => a !== b), (ring) => ring.length >= 4),
  };
}

const places = [[0, 0], [70.94, 40.53], [37.62, 55.75], [-74.01, 40.71], [2.35, 48.85], [-58.38, -34.6], [178.44, -18.14], [-179.5, 66], [20, 89.9]];
console.log(JSON.stringify({
  source: "Natural Earth 1:110m and 1:50m (public domain), by world-atlas",
  projection: "Equal Earth",
  scale: SCALE,
  world: layer("countries-110m.json", 0, 0),
  region: layer("countries-50m.json", 6e-6, 60),
  checks: places.map((place) => [...place, ...projection(place).map((value) => +value.toFixed(3))]),
}));
