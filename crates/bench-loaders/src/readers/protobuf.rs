//! The wire format of protocol buffers: enough to walk through a message, skipping what is not known.

/// A field of a message: its number and value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field<'a> {
    /// Number of the field, 1 to 2^29 - 1.
    pub number: u32,
    /// Its value.
    pub value: Value<'a>,
}

/// The value of a field, by wire type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Wire type 0: integers, booleans, enumerations.
    Varint(u64),
    /// Wire type 1: eight bytes, little-endian.
    Fixed64(u64),
    /// Wire type 2: texts, bytes, messages.
    Bytes(&'a [u8]),
    /// Wire type 5: four bytes, little-endian.
    Fixed32(u32),
}

/// Fields of a message in the order they stand there. Nothing is copied. The error says what is wrong and at which byte of
/// the message; after an error there are no more fields. Groups (wire types 3 and 4) are refused.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    message: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    /// Fields of a message.
    #[must_use]
    pub fn new(message: &'a [u8]) -> Self {
        Self { message, at: 0 }
    }

    fn field(&mut self) -> Result<Field<'a>, String> {
        let start = self.at;
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).ok().filter(|number| (1..1 << 29).contains(number));
        let number = number.ok_or_else(|| format!("no such field number: {} (byte {start} of the message)", tag >> 3))?;
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(self.little_endian(8)?),
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.take(length)?)
            }
            5 => Value::Fixed32(self.little_endian(4)? as u32),
            wire => return Err(format!("no such wire type: {wire} (byte {start} of the message)")),
        };
        Ok(Field { number, value })
    }

    fn varint(&mut self) -> Result<u64, String> {
        let (start, mut value) = (self.at, 0);
        for shift in (0..70).step_by(7) {
            let byte = self.take(1)?[0];
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(format!("an integer of more than 64 bits (byte {start} of the message)"))
    }

    fn little_endian(&mut self, bytes: u64) -> Result<u64, String> {
        Ok(self.take(bytes)?.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte)))
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], String> {
        let rest = &self.message[self.at..];
        if length > rest.len() as u64 {
            return Err(format!("the end of the message at byte {}, where {length} more bytes should be", self.message.len()));
        }
        self.at += length as usize;
        Ok(&rest[..length as usize])
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        (self.at < self.message.len()).then(|| self.field().inspect_err(|_| self.at = self.message.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_every_wire_type_are_read() {
        let message = [0x08, 0x96, 0x01, 0x11, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x1a, 2, b'o', b'k', 0x25, 1, 0, 0, 0x80];
        let fields: Vec<_> = Fields::new(&message).map(|f| f.map(|f| (f.number, f.value))).collect::<Result<_, _>>().unwrap();
        let one = Value::Fixed64(1.0_f64.to_bits());
        assert_eq!(fields, [(1, Value::Varint(150)), (2, one), (3, Value::Bytes(b"ok")), (4, Value::Fixed32(0x8000_0001))]);
        assert!(Fields::new(&[]).next().is_none());
    }

    #[test]
    fn damage_ends_the_message_with_an_error() {
        for (message, part) in [
            (&[0x08_u8][..], "the end of the message at byte 1"),
            (&[0x11, 1, 2, 3], "where 8 more bytes should be"),
            (&[0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f], "where 4294967295 more bytes"),
            (&[0x0b], "no such wire type: 3"),
            (&[0x00, 0x01], "no such field number: 0"),
            (&[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], "more than 64 bits"),
        ] {
            let mut fields = Fields::new(message);
            let error = fields.next().unwrap().unwrap_err();
            assert!(error.contains(part), "{error}");
            assert!(fields.next().is_none());
        }
    }
}
