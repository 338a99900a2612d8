use super::Structure;
use super::block::{Block, EXPANSIONS, KERNELS};

/// Most characters of a structure, channels of a block and sub-layers of one: more is no network that anybody trains.
const MOST_CHARACTERS: usize = 20_000;
const MOST_CHANNELS: usize = 1 << 16;
const MOST_IN_A_BLOCK: usize = 1_000;

/// What is wrong with a structure, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a structure: block {block}, character {position}: {reason}\nexpected SuperConvK{{1,3,5,7}}BNRELU(in,out,stride,1) and SuperResIDWE{{1,2,4,6}}K{{3,5,7}}(in,out,stride,bottleneck,sub-layers), one after the other"
)]
pub struct Wrong {
    /// Block, from 1.
    pub block: usize,
    /// Character of the text, from 1.
    pub position: usize,
    /// What is wrong.
    pub reason: String,
}

impl Structure {
    /// Reads a structure.
    ///
    /// # Errors
    /// [`Wrong`] with the place: a block that is none, numbers out of range, a block that doesn't read what the one before it
    /// gives, three channels not at the beginning.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let mut reader = Reader { text, at: 0, block: 1 };
        if text.len() > MOST_CHARACTERS {
            return Err(reader.wrong(format!("{} characters are more than {MOST_CHARACTERS}", text.len())));
        }
        let mut blocks: Vec<Block> = Vec::new();
        while reader.at < text.len() {
            let start = reader.at;
            let block = reader.block()?;
            let given = blocks.last().map_or(3, Block::c_out);
            if block.c_in() != given {
                reader.at = start;
                let before = if blocks.is_empty() { "an image has".into() } else { format!("block {} gives", blocks.len()) };
                return Err(reader.wrong(format!("it reads {} channels, {before} {given}", block.c_in())));
            }
            blocks.push(block);
            reader.block += 1;
        }
        if blocks.is_empty() {
            return Err(reader.wrong("there is no block".into()));
        }
        Ok(Self { blocks })
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    block: usize,
}

impl Reader<'_> {
    fn wrong(&self, reason: String) -> Wrong {
        Wrong { block: self.block, position: self.text[..self.at].chars().count() + 1, reason }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn take(&mut self, word: &str) -> bool {
        let there = self.rest().starts_with(word);
        if there {
            self.at += word.len();
        }
        there
    }

    fn expect(&mut self, word: &str) -> Result<(), Wrong> {
        if self.take(word) {
            return Ok(());
        }
        let got: String = self.rest().chars().take(20).flat_map(char::escape_debug).collect();
        Err(self.wrong(if got.is_empty() {
            format!("`{word}` expected, the text ends")
        } else {
            format!("`{word}` expected, got `{got}`")
        }))
    }

    /// A number that is accepted.
    fn number(&mut self, what: &str, accept: impl Fn(usize) -> bool, choices: &str) -> Result<usize, Wrong> {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let number = self.rest()[..digits].parse().ok().filter(|&number| accept(number));
        let Some(number) = number else {
            let got: String = self.rest().chars().take(digits.clamp(1, 20)).flat_map(char::escape_debug).collect();
            return Err(self.wrong(format!("{what} must be {choices}, got `{got}`")));
        };
        self.at += digits;
        Ok(number)
    }

    fn channels(&mut self, what: &str) -> Result<usize, Wrong> {
        self.number(what, |n| (1..=MOST_CHANNELS).contains(&n), "from 1 to 65536")
    }

    fn stride(&mut self) -> Result<usize, Wrong> {
        self.number("the stride", |n| n == 1 || n == 2, "1 or 2")
    }

    fn block(&mut self) -> Result<Block, Wrong> {
        if self.take("SuperConvK") {
            let kernel = self.number("the kernel", |n| [1, 3, 5, 7].contains(&n), "1, 3, 5 or 7")?;
            self.expect("BNRELU(")?;
            let c_in = self.channels("the channels in")?;
            self.expect(",")?;
            let c_out = self.channels("the channels out")?;
            self.expect(",")?;
            let stride = self.stride()?;
            self.expect(",")?;
            self.number("the number of sub-layers of a convolution", |n| n == 1, "1")?;
            self.expect(")")?;
            return Ok(Block::Conv { kernel, c_in, c_out, stride });
        }
        self.expect("SuperResIDWE")?;
        let expansion = self.number("the expansion", |n| EXPANSIONS.contains(&n), "1, 2, 4 or 6")?;
        self.expect("K")?;
        let kernel = self.number("the kernel", |n| KERNELS.contains(&n), "3, 5 or 7")?;
        self.expect("(")?;
        let c_in = self.channels("the channels in")?;
        self.expect(",")?;
        let c_out = self.channels("the channels out")?;
        self.expect(",")?;
        let stride = self.stride()?;
        self.expect(",")?;
        let bottleneck = self.channels("the bottleneck")?;
        self.expect(",")?;
        let sub_layers = self.number("the number of sub-layers", |n| (1..=MOST_IN_A_BLOCK).contains(&n), "from 1 to 1000")?;
        self.expect(")")?;
        Ok(Block::Residual { expansion, kernel, c_in, c_out, stride, bottleneck, sub_layers })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plainnet::INITIAL;

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let wrong = |text: &str| {
            let Wrong { block, position, reason } = Structure::parse(text).unwrap_err();
            (block, position, reason)
        };
        for (text, block, position, part) in [
            ("", 1, 1, "there is no block"),
            ("SuperConvK2BNRELU(3,8,2,1)", 1, 11, "the kernel must be 1, 3, 5 or 7, got `2`"),
            ("SuperConvK3BNRELU(3,8,2,1)SuperResIDWE3K3(8,8,1,8,1)", 2, 39, "the expansion must be 1, 2, 4 or 6, got `3`"),
            ("SuperConvK3BNRELU(3,8,2,1)SuperResIDWE2K3(16,8,1,8,1)", 2, 27, "it reads 16 channels, block 1 gives 8"),
            ("SuperConvK3BNRELU(8,8,2,1)", 1, 1, "it reads 8 channels, an image has 3"),
            ("SuperConvK3BNRELU(3,8,3,1)", 1, 23, "the stride must be 1 or 2, got `3`"),
            ("SuperConvK3BNRELU(3,8,2,2)", 1, 25, "must be 1, got `2`"),
            ("SuperConvK3BNRELU(3,0,2,1)", 1, 21, "from 1 to 65536, got `0`"),
            ("SuperConvK3BNRELU(3,8,2,1", 1, 26, "`)` expected, the text ends"),
            ("SuperConvK3BNRELU(3,8,2,1) ", 2, 27, "`SuperResIDWE` expected, got ` `"),
            ("SuperConvK3BNRELU(3,99999999999999999999999,2,1)", 1, 21, "from 1 to 65536"),
        ] {
            let got = wrong(text);
            assert!((got.0, got.1) == (block, position) && got.2.contains(part), "{text}: {got:?}");
        }
    }

    proptest! {
        #[test]
        fn every_text_is_a_structure_that_prints_itself_or_is_refused(at in 0..INITIAL.len(), letter in "\\PC") {
            let mut text = INITIAL.to_owned();
            if text.is_char_boundary(at) {
                text.replace_range(at..=at, &letter);
            }
            if let Ok(structure) = Structure::parse(&text) {
                prop_assert_eq!(Structure::parse(&structure.to_string()).unwrap(), structure);
            }
        }
    }
}
