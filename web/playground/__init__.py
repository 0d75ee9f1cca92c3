"""The playground: a static page that runs programs on the emulator's own kernels, compiled to WebAssembly."""
