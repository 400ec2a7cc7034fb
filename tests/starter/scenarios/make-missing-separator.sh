needs="make"

prepare() { printf 'all:\n        echo built\n' > Makefile; }

failing() { make; }

fix() { sed -i 's/^ \+/\t/' Makefile; }
