//! MD5 of many messages of one length at a time, so that the compiler can use vector registers.
//!
//! Written from RFC 1321. Hashing every cell takes some fifty million blocks; 32 at a time is what the compiler turns into
//! vector instructions (with 16 or fewer it unrolls the loop over the messages into scalar ones).

use std::sync::LazyLock;

/// Room for one padded message: the list of seven vertex hashes is 252 bytes long.
pub const CAPACITY: usize = 320;

/// One 32-bit word of each message.
type Words<const LANES: usize> = [u32; LANES];

/// The digest of a message.
pub type Digest = [u8; 16];

/// Messages under construction, all of the same length.
pub struct Messages<const LANES: usize> {
    bytes: [[u8; CAPACITY]; LANES],
    len: usize,
}

/// `floor(2^32 * abs(sin(i + 1)))`; the sine has bits to spare.
static SINES: LazyLock<[u32; 64]> = LazyLock::new(|| std::array::from_fn(|i| (((i + 1) as f64).sin().abs() * 4_294_967_296.0) as u32));

impl<const LANES: usize> Messages<LANES> {
    /// Empty messages.
    pub const fn new() -> Self {
        Self { bytes: [[0; CAPACITY]; LANES], len: 0 }
    }

    /// Appends the same text to every message.
    pub fn push(&mut self, text: &[u8]) {
        for bytes in &mut self.bytes {
            bytes[self.len..self.len + text.len()].copy_from_slice(text);
        }
        self.len += text.len();
    }

    /// Appends 32 bytes to each message.
    pub fn push_each(&mut self, text: impl Fn(usize) -> [u8; 32]) {
        for (lane, bytes) in self.bytes.iter_mut().enumerate() {
            bytes[self.len..self.len + 32].copy_from_slice(&text(lane));
        }
        self.len += 32;
    }

    /// Appends one byte to each message.
    pub fn push_byte(&mut self, text: impl Fn(usize) -> u8) {
        for (lane, bytes) in self.bytes.iter_mut().enumerate() {
            bytes[self.len] = text(lane);
        }
        self.len += 1;
    }

    /// Pads the messages and hashes them; they are empty afterwards.
    pub fn digest(&mut self) -> [Digest; LANES] {
        let bits = 8 * self.len as u64;
        self.push(&[0x80]);
        let padded = (self.len + 8).next_multiple_of(64);
        for bytes in &mut self.bytes {
            bytes[self.len..padded - 8].fill(0);
            bytes[padded - 8..padded].copy_from_slice(&bits.to_le_bytes());
        }
        self.len = 0;
        let mut state = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476].map(|word| [word; LANES]);
        for start in (0..padded).step_by(64) {
            let mut block = [[0; LANES]; 16];
            for (lane, bytes) in self.bytes.iter().enumerate() {
                for (word, four) in block.iter_mut().zip(bytes[start..start + 64].as_chunks::<4>().0) {
                    word[lane] = u32::from_le_bytes(*four);
                }
            }
            compress(&mut state, &block);
        }
        std::array::from_fn(|lane| {
            let mut digest = [0; 16];
            for (four, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(&state) {
                *four = word[lane].to_le_bytes();
            }
            digest
        })
    }
}

/// The 32 hex digits of a digest.
pub fn hex(digest: &Digest) -> [u8; 32] {
    let mut text = [0; 32];
    for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(digest) {
        *pair = HEX[usize::from(*byte)];
    }
    text
}

/// The two hex digits of each byte.
const HEX: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut table = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = [digits[byte / 16], digits[byte % 16]];
        byte += 1;
    }
    table
};

/// `a = b + rotate(a + f + m + k)` in every lane.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the four registers stay in vector registers only if this is inlined")]
fn step<const ROTATE: u32, const LANES: usize>(a: &mut Words<LANES>, b: &Words<LANES>, f: impl Fn(usize) -> u32, m: &Words<LANES>, k: u32) {
    for lane in 0..LANES {
        let sum = a[lane].wrapping_add(f(lane)).wrapping_add(m[lane]).wrapping_add(k);
        a[lane] = b[lane].wrapping_add(sum.rotate_left(ROTATE));
    }
}

/// Sixteen steps: `$f` mixes three registers, the message words are read at `$stride * i + $start`.
macro_rules! round {
    ($f:expr, $first:literal, [$r0:literal, $r1:literal, $r2:literal, $r3:literal], $stride:literal, $start:literal, $block:ident, $sines:ident, $a:ident, $b:ident, $c:ident, $d:ident) => {
        for four in 0..4 {
            let word = |k: usize| &$block[($stride * (4 * four + k) + $start) % 16];
            let sine = |k: usize| $sines[$first + 4 * four + k];
            step::<$r0, LANES>(&mut $a, &$b, |l| $f($b[l], $c[l], $d[l]), word(0), sine(0));
            step::<$r1, LANES>(&mut $d, &$a, |l| $f($a[l], $b[l], $c[l]), word(1), sine(1));
            step::<$r2, LANES>(&mut $c, &$d, |l| $f($d[l], $a[l], $b[l]), word(2), sine(2));
            step::<$r3, LANES>(&mut $b, &$c, |l| $f($c[l], $d[l], $a[l]), word(3), sine(3));
        }
    };
}

fn compress<const LANES: usize>(state: &mut [Words<LANES>; 4], block: &[Words<LANES>; 16]) {
    let sines = &*SINES;
    let [mut a, mut b, mut c, mut d] = *state;
    round!(|x: u32, y: u32, z: u32| z ^ (x & (y ^ z)), 0, [7, 12, 17, 22], 1, 0, block, sines, a, b, c, d);
    round!(|x: u32, y: u32, z: u32| y ^ (z & (x ^ y)), 16, [5, 9, 14, 20], 5, 1, block, sines, a, b, c, d);
    round!(|x: u32, y: u32, z: u32| x ^ y ^ z, 32, [4, 11, 16, 23], 3, 5, block, sines, a, b, c, d);
    round!(|x: u32, y: u32, z: u32| y ^ (x | !z), 48, [6, 10, 15, 21], 7, 0, block, sines, a, b, c, d);
    for (register, add) in state.iter_mut().zip([a, b, c, d]) {
        for lane in 0..LANES {
            register[lane] = register[lane].wrapping_add(add[lane]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_equal_those_of_the_standard() {
        let digits = b"12345678901234567890123456789012345678901234567890123456789012345678901234567890";
        for (text, want) in [
            (b"".as_slice(), "d41d8cd98f00b204e9800998ecf8427e"),
            (b"message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            (digits, "57edf4a22be3c955ac49da2e2107b67a"),
        ] {
            let mut messages = Messages::<3>::new();
            messages.push(text);
            for digest in messages.digest() {
                assert_eq!(hex(&digest), want.as_bytes());
            }
        }
    }

    #[test]
    fn lanes_are_independent() {
        let mut messages = Messages::<2>::new();
        messages.push_byte(|lane| b"ab"[lane]);
        let digests = messages.digest();
        assert_eq!(hex(&digests[0]), *b"0cc175b9c0f1b6a831c399e269772661");
        assert_eq!(hex(&digests[1]), *b"92eb5ffee6ae2fec3ad71c777531578f");
    }
}
