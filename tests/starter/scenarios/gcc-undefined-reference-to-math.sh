needs="gcc"

prepare() {
  cat > root.c <<'EOF'
#include <math.h>
#include <stdio.h>

int main(int argc, char **argv) {
  (void)argv;
  printf("%f %f\n", sqrt(argc + 1.0), pow(argc + 1.0, argc + 0.5));
  return 0;
}
EOF
}

failing() {
  fails gcc -Wl,--as-needed -lm root.c -o root
  gcc root.c -o root
}

fix() { gcc root.c -o root -lm; }

passing() { ./root; }
