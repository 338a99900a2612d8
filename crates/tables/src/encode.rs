//! Columns into Parquet.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use crate::column::{Column, ColumnSpec};
use crate::content::BlockHash;
use crate::files::atomic_write;
use crate::stored::entries;
use crate::table::ROW_GROUP;
use crate::{Kind, Provenance, Result, Table};

/// Written instead of the library's name and version, which would change the bytes of a file with every update.
const CREATED_BY: &str = "zico tables";

impl<K: Kind> Table<K> {
    /// Writes the table as Parquet (Snappy), provenance in the metadata. Equal tables give equal bytes. The file is whole
    /// or not there; one that is there is replaced.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn write(&self, path: &Path) -> Result<()> {
        if K::STREAMED {
            return atomic_write(path, |output| {
                let mut encoder = Encoder::new::<K>(output)?;
                self.blocks().try_for_each(|block| encoder.write(&block))?;
                encoder.finish::<K>(self.provenance())?;
                Ok(())
            });
        }
        let batch = self.stored_batch()?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(CREATED_BY.into())
            .set_key_value_metadata(Some(entries::<K>(self.provenance(), self.content_sha256())))
            .build();
        atomic_write(path, |output| {
            let mut writer = ArrowWriter::try_new(output, batch.schema(), Some(properties))?;
            writer.write(&batch)?;
            writer.close()?;
            Ok(())
        })
    }
}

/// Writes the row groups of a kind that is streamed, and takes their checksum.
pub struct Encoder<W: Write + Send> {
    writer: ArrowWriter<W>,
    schema: SchemaRef,
    hash: BlockHash,
}

impl<W: Write + Send> Encoder<W> {
    pub fn new<K: Kind>(output: W) -> std::result::Result<Self, ParquetError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(CREATED_BY.into())
            .set_max_row_group_row_count(Some(ROW_GROUP))
            // Of row groups only: they are what is skipped.
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .build();
        let fields: Vec<_> = Table::<K>::stored_specs().iter().map(ColumnSpec::field).collect();
        let schema = Arc::new(Schema::new(fields));
        Ok(Self { writer: ArrowWriter::try_new(output, Arc::clone(&schema), Some(properties))?, schema, hash: BlockHash::new::<K>() })
    }

    /// Writes a row group.
    pub fn write(&mut self, block: &[Column]) -> std::result::Result<(), ParquetError> {
        self.hash.update(block);
        let arrays = block.iter().map(Column::to_array).collect::<std::result::Result<Vec<_>, _>>()?;
        self.writer.write(&RecordBatch::try_new(Arc::clone(&self.schema), arrays)?)?;
        self.writer.flush()
    }

    /// Writes the end of the file and gives the output back.
    pub fn finish<K: Kind>(mut self, provenance: &Provenance) -> std::result::Result<W, ParquetError> {
        for entry in entries::<K>(provenance, self.hash.finish()) {
            self.writer.append_key_value_metadata(entry);
        }
        self.writer.into_inner()
    }
}
