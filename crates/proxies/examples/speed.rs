//! tmp
use std::time::Instant;
use engine::*; use proxies::*;
fn main() {
    let n: usize = std::env::args().nth(1).and_then(|s| s.parse().ok()).unwrap_or(10);
    let opt = std::env::args().nth(2).is_none_or(|s| s != "no");
    let cl = std::env::args().nth(3).is_none_or(|s| s != "nchw");
    use_one_thread();
    let space = spaces::find("nb201").unwrap();
    let mut placement = Placement::default(); placement.channels_last = cl;
    let batches: Vec<TensorBatch> = (0..2u64).map(|b| {
        let v: Vec<f64> = (0..64*3*32*32u64).map(|i| netgraph::rng::normal(7, b, i)).collect();
        TensorBatch { images: placement.images(&v, &[64,3,32,32]).unwrap(), labels: placement.labels(&(0..64).map(|i| i % 10).collect::<Vec<i64>>()).unwrap() }
    }).collect();
    let archs = space.sample(0, n);
    for set in ["zico", "zico,grad_norm,snip", "zico,grad_norm,snip,naswot", "zico,grad_norm,snip,synflow,naswot,params,flops"] {
        let ps: Vec<_> = set.split(',').map(|p| zoo::find(p).unwrap()).collect();
        let o = Options { placement, optimise: opt, ..Options::default() };
        let start = Instant::now();
        for (k, a) in archs.iter().enumerate() {
            let g = space.lower(a, &space.default_setting(10, 32)).unwrap();
            let e = evaluate(&g, &ps, &batches, &o).unwrap();
            if k == 0 { for (p, o) in ps.iter().zip(&e.outcomes) { print!("{} {:.1} ms {:?}; ", p.meta().name, o.wall_ms, o.score.as_ref().map(|s| s.value).ok()); } println!(); }
        }
        println!("{set}: {:.3} s per architecture", start.elapsed().as_secs_f64() / n as f64);
    }
}
