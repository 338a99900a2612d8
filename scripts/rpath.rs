//! Build script of every crate that links libtorch: writes the folder of its shared libraries into the run path,
//! so that programs and tests start with no variable exported.

#![expect(clippy::print_stdout, reason = "a build script talks to cargo on stdout")]

fn main() {
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    if let Ok(folder) = std::env::var("LIBTORCH") {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}/lib");
    }
}
