//! Packed answers: `[1]` in every packing there is, byte by byte, and a bomb.

/// One block that is stored as it is, with its length, the sum, and the length again.
pub(crate) const GZIP: &[u8] = &[
    31, 139, 8, 0, 0, 0, 0, 0, 0, 255, 1, 3, 0, 252, 255, 91, 49, 93, 184, 50, 47, 76, 3, 0, 0, 0,
];

/// The same, packed once more.
pub(crate) const GZIP_TWICE: &[u8] = &[
    31, 139, 8, 0, 0, 0, 0, 0, 0, 255, 1, 26, 0, 229, 255, 31, 139, 8, 0, 0, 0, 0, 0, 0, 255, 1, 3,
    0, 252, 255, 91, 49, 93, 184, 50, 47, 76, 3, 0, 0, 0, 249, 6, 23, 227, 26, 0, 0, 0,
];

/// One stored block without anything around it, which many call `deflate`.
pub(crate) const DEFLATE: &[u8] = &[1, 3, 0, 252, 255, 91, 49, 93];

/// One stored block in the frame that the standard calls `deflate`.
pub(crate) const ZLIB: &[u8] = &[120, 1, 1, 3, 0, 252, 255, 91, 49, 93, 1, 211, 0, 234];

/// A stored block of three bytes, and an empty last one.
pub(crate) const BROTLI: &[u8] = &[32, 0, 16, 91, 49, 93, 3];

/// A frame that says its length in one byte, with a raw block.
pub(crate) const ZSTD: &[u8] = &[40, 181, 47, 253, 32, 3, 25, 0, 0, 91, 49, 93];

/// A gzip stream that unpacks to at least this many bytes: one literal, then copies of it.
pub(crate) fn bomb(length: usize) -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let (mut bits, mut count) = (0_u64, 0_u32);
    // Codes go in from their highest bit, everything else from its lowest.
    let mut put = |code: u64, length: u32| {
        for bit in (0..length).rev() {
            bits |= (code >> bit & 1) << count;
            count += 1;
            if count == 8 {
                bytes.push(u8::try_from(bits).unwrap());
                (bits, count) = (0, 0);
            }
        }
    };
    // The last block, with fixed codes; the byte 0; then 258 bytes from one byte back, and again.
    put(0b110, 3);
    put(0b0011_0000, 8);
    for _ in 0..=length / 258 {
        put(0b1100_0101, 8);
        put(0, 5);
    }
    put(0, 7);
    put(0, 8);
    bytes
}
