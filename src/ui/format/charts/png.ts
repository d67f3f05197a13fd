import {PassThrough} from 'node:stream'
import {buffer} from 'node:stream/consumers'
import type {Context} from 'pureimage'
import {type Drawing, paper, type Run, type Shape} from './drawing.ts'

/** Files of the two fonts that ship beside the program. */
export interface ChartFonts {
  readonly regular: string
  readonly bold: string
}

/** Pixels for each unit of the drawing: sharp on dense screens and in print. */
const zoom = 2

/** A drawing as PNG, 8 bits of red, green, blue and alpha. */
export async function pngOf({width, height, shapes}: Drawing, {regular, bold}: ChartFonts): Promise<Uint8Array> {
  const {encodePNGToStream, make, registerFont} = await import('pureimage')
  registerFont(regular, 'chart', 400, 'normal', 'normal').loadSync()
  registerFont(bold, 'chart-bold', 700, 'normal', 'normal').loadSync()
  const image = make(width * zoom, height * zoom)
  const context = image.getContext('2d')
  context.fillStyle = paper
  context.fillRect(0, 0, width * zoom, height * zoom)
  for (const shape of shapes) draw(context, shape)
  const stream = new PassThrough()
  const [png] = await Promise.all([buffer(stream), encodePNGToStream(image, stream)])
  return png
}

function draw(context: Context, shape: Shape): void {
  switch (shape.kind) {
    case 'text':
      drawText(context, shape)
      return
    case 'lines':
      context.strokeStyle = shape.stroke
      context.lineWidth = shape.width * zoom
      for (const [first, ...others] of shape.lines) {
        if (first === undefined || others.length === 0) continue
        context.beginPath()
        context.moveTo(first[0] * zoom, first[1] * zoom)
        for (const [x, y] of others) context.lineTo(x * zoom, y * zoom)
        context.stroke()
      }
      return
    case 'dot':
      context.fillStyle = shape.fill
      context.beginPath()
      context.arc(shape.at[0] * zoom, shape.at[1] * zoom, shape.radius * zoom, 0, 2 * Math.PI, false)
      context.closePath()
      context.fill()
  }
}

function drawText(context: Context, {at: [x, y], size, anchor, runs}: Extract<Shape, {kind: 'text'}>): void {
  const use = ({bold, fill}: Run): void => {
    context.font = `${size * zoom}px ${bold ? 'chart-bold' : 'chart'}`
    context.fillStyle = fill
  }
  const widths = runs.map((run) => {
    use(run)
    return context.measureText(run.content).width
  })
  const all = widths.reduce((sum, each) => sum + each, 0)
  let left = x * zoom - all * {start: 0, middle: 0.5, end: 1}[anchor]
  for (const [index, run] of runs.entries()) {
    use(run)
    context.fillText(run.content, left, y * zoom)
    left += widths[index] ?? 0
  }
}
