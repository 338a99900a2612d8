use std::io::Read;
use std::path::PathBuf;

use spaces::Space;
use spaces::nb101::{Cell, Hash, Nb101, cells};

/// The table of all cells, `index,hash,num_vertices,adj_bits,ops,params,...`.
fn table() -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/tables/nb101.csv.gz");
    let Ok(file) = std::fs::File::open(path) else {
        crate::skipped("no table of NAS-Bench-101 beside the checkout");
        return None;
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    Some(text)
}

#[test]
fn all_cells_have_the_hashes_matrices_and_parameter_counts_of_the_public_table() {
    let start = std::time::Instant::now();
    let cells = cells();
    let took = start.elapsed();
    assert_eq!(cells.len(), 423_624);
    let Some(table) = table() else { return };
    let mut rows = 0;
    for (row, entry) in table.lines().skip(1).zip(cells) {
        let columns: Vec<&str> = row.split(',').take(6).collect();
        let &[_, hash, vertices, matrix, ops, params] = columns.as_slice() else { panic!("{row}") };
        let cell = entry.cell;
        assert_eq!(entry.hash.to_string(), hash);
        assert_eq!((cell.n_vertices().to_string(), cell.matrix().to_string()), (vertices.into(), matrix.into()), "{hash}");
        assert!(cell.ops().map(|op| op as u8 + b'0').eq(ops.bytes().skip(1)), "{hash} {ops}");
        assert_eq!(cell.n_params(128, 3, 10).to_string(), params, "{hash}");
        rows += 1;
    }
    assert_eq!((rows, table.lines().count()), (423_624, 423_625));
    #[expect(clippy::print_stderr, reason = "a measurement")]
    {
        eprintln!("enumeration: {took:?}");
    }
    // The issue allows a minute; half of that leaves room for a busy machine.
    assert!(took.as_secs() < 30, "the enumeration took {took:?}");
}

#[test]
fn every_cell_of_the_list_is_its_own_representative() {
    for entry in cells().iter().step_by(97) {
        assert!(entry.cell.is_representative(), "{}", entry.cell);
        assert_eq!(entry.cell.hash(), entry.hash);
    }
}

#[test]
fn known_cells_have_their_official_hashes() {
    let Some(golden) = crate::golden() else { return };
    let rows = golden["nb101"].as_array().unwrap();
    assert_eq!(rows.len(), 10);
    for row in rows {
        let cell = Cell::parse(&crate::record(row)).unwrap();
        assert_eq!(Some(cell.hash()), Hash::parse(row["hash"].as_str().unwrap()), "{row}");
        let pruned = row["pruned_matrix"].as_array().unwrap().iter().flat_map(|r| r.as_array().unwrap());
        assert_eq!(cell.adjacency(), pruned.map(ToString::to_string).collect::<String>());
        let pruned: Vec<&str> = row["pruned_ops"].as_array().unwrap().iter().map(|o| o.as_str().unwrap()).collect();
        assert!(cell.to_string().ends_with(&format!(":{}", pruned.join(","))), "{cell}");
        assert_eq!(Some(cell.n_params(128, 3, 10)), row["trainable_parameters"].as_u64(), "{row}");
        let network = Nb101.lower(&cell.into(), &Nb101.default_setting(10, 32)).unwrap();
        assert_eq!(Some(network.n_params()), row["trainable_parameters"].as_u64(), "{row}");
    }
}
