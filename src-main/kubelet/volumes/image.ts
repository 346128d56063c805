import type { VolumeKind } from './volume.ts'

/**
 * Arguments: the image's id; the folder. The layers of the image are shown as they lie in Docker's storage, so a volume
 * costs no space and holds nothing but the image's files. An overlay without a layer to write to wants two below it,
 * hence the empty one. A pod whose sandbox is made anew has its mount already.
 */
const mountScript = `set -e
mountpoint -q "$2" && exit 0
layers=$(docker image inspect --format '{{with .GraphDriver.Data}}{{.UpperDir}}{{with .LowerDir}}:{{.}}{{end}}{{end}}' -- "$1")
[ -n "$layers" ] || { echo "the storage driver of Docker does not show the layers of images" >&2; exit 1; }
mkdir -p "$2.empty" "$2"
mount -t overlay -o "ro,lowerdir=$layers:$2.empty" overlay "$2"
`

/** The files of an image, read only (KEP-4639). */
export const imageVolume: VolumeKind = {
  field: 'image',
  path: (_volume, folder) => folder,
  async prepare({ image: source = {} }, folder, context) {
    const id = await context.image(source.reference ?? '', source.pullPolicy)
    return { entries: [], commands: [['sh', '-c', mountScript, 'sh', id, folder]] }
  },
}
