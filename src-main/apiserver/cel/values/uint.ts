/** An unsigned integer of 64 bits, apart from the signed ones, which are plain bigints. */
export class Uint {
  readonly value: bigint

  constructor(value: bigint) {
    this.value = value
  }
}
