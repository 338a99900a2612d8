//! Build script of every crate that links libtorch: writes the folder of its shared libraries into the run path,
//! so that programs and tests start with no variable exported.

fn main() {
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    if let Ok(folder) = std::env::var("LIBTORCH") {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}/lib");
    }
}
