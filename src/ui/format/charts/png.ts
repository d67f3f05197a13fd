import {fontFamily} from './svg.ts'

/** What turns a drawing into pixels: it ships beside the program. */
export interface ChartParts {
  /** The renderer as WebAssembly. */
  readonly renderer: Uint8Array
  readonly fonts: readonly Uint8Array[]
}

/** Pixels for each unit of the drawing: sharp on dense screens and in print. */
const zoom = 2

let ready: Promise<void> | undefined

/** A drawing as PNG. */
export async function pngOf(svg: string, {renderer, fonts}: ChartParts): Promise<Uint8Array> {
  const {initWasm, Resvg} = await import('@resvg/resvg-wasm')
  ready ??= initWasm(renderer)
  await ready
  const drawing = new Resvg(svg, {
    fitTo: {mode: 'zoom', value: zoom},
    font: {fontBuffers: [...fonts], defaultFontFamily: fontFamily, sansSerifFamily: fontFamily},
  })
  try {
    const image = drawing.render()
    try {
      return image.asPng()
    } finally {
      image.free()
    }
  } finally {
    drawing.free()
  }
}
