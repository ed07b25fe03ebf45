# SPDX-License-Identifier: MIT
# cardiod. `make help` lists the targets.

PREFIX       ?= /usr/local
SYSCONFDIR   ?= /etc
BINDIR       ?= $(PREFIX)/bin
MANDIR       ?= $(PREFIX)/share/man
BASHDIR      ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR       ?= $(PREFIX)/share/zsh/site-functions
FISHDIR      ?= $(PREFIX)/share/fish/vendor_completions.d
DBUSDATADIR  ?= $(PREFIX)/share/dbus-1
DOCDIR       ?= $(PREFIX)/share/doc/cardiod
# The buses read policies in /usr/share and /etc, not in /usr/local.
DBUSPOLICYDIR ?= $(if $(filter /usr,$(PREFIX)),$(DBUSDATADIR),$(SYSCONFDIR)/dbus-1)/system.d
UNITDIR      ?= $(PREFIX)/lib/systemd/system
USERUNITDIR  ?= $(PREFIX)/lib/systemd/user
SYSUSERSDIR  ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR  ?= $(PREFIX)/lib/tmpfiles.d
TEST_DATA    ?= ../shared/data

VERSION      := 0.1.0
BUILD        ?= build
PKG_CONFIG   ?= pkg-config
PACKAGES     := libsystemd sqlite3 inih json-c
# Building and the demo; each list below it is what comes on top.
DEPS         := gcc libc6-dev make pkg-config libsystemd-dev libsqlite3-dev libinih-dev libjson-c-dev dbus sqlite3
CHECK_DEPS   := libcmocka-dev libnss-wrapper libvterm-dev bluez valgrind bash-completion zsh fish \
                bsdutils tzdata
VM_DEPS      := qemu-system-x86 busybox-static cpio kmod e2fsprogs dbus bluez bluez-test-tools systemd sqlite3 gdb \
                libglib2.0-bin xvfb dunst fonts-dejavu-core
FUZZ_DEPS    := clang llvm libclang-rt-dev
BENCH_DEPS   := python3 python3-bleak python3-dbus python3-gi strace
LINT_DEPS    := cppcheck clang-format clang-tidy shellcheck python3 mandoc man-db groff libxml2-utils systemd
DISTRO_DEPS  := mmdebstrap git

# -- Flags ---------------------------------------------------------------------------------------------------------

WARN  := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wundef -Wvla -Wswitch-enum \
         -Wimplicit-fallthrough -Wwrite-strings
ifdef CI
WARN  += -Werror
endif

ifneq ($(FUZZ)$(findstring clang,$(CC)),)
# clang complains where gcc knows that a field is meant to be 0.
WARN  += -Wno-missing-field-initializers
endif

ifeq ($(FUZZ),coverage)
OPT   := -O1 -g -fsanitize=fuzzer-no-link -fprofile-instr-generate -fcoverage-mapping
else ifdef FUZZ
OPT   := -O1 -g -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifeq ($(SANITIZE),thread)
OPT   := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
else ifdef SANITIZE
OPT   := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else
OPT   := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif

# The user's flags come last. Ours have names of their own: make would hand theirs on to sub-makes with ours in them.
cppflags = -Iinclude -I$(BUILD)/gen $(folder_cppflags) -D_GNU_SOURCE -DCARDIO_VERSION='"$(VERSION)"' $(pkg_cflags) \
           $(test_cppflags) $(CPPFLAGS)
cflags   = -std=gnu11 -pthread $(OPT) $(WARN) -fPIE -fstack-protector-strong -fno-common $(CFLAGS)
ldflags  = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS)
# Asked for once, when first needed: `make deps` may just have installed pkg-config.
pkg_cflags = $(eval pkg_cflags := $(shell $(PKG_CONFIG) --cflags $(PACKAGES)))$(pkg_cflags)

# A line for each file; `make V=1` shows the commands themselves, `make -s` nothing at all.
Q    := $(if $(V),,@)
short = $(Q)$(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),,printf '  %-4s %s\n' $(1) $(2); )

# -- What is built from what ---------------------------------------------------------------------------------------

core_src   := $(wildcard src/core/*.c)
# Of the daemon and of its clients.
shared_src := $(wildcard src/shared/*.c)
daemon_src := $(wildcard src/daemon/*.c src/daemon/*/*.c) $(shared_src)
client_src := $(wildcard src/client/*.c) $(shared_src)
ctl_src    := $(wildcard src/ctl/*.c src/ctl/*/*.c)
notify_src := $(wildcard src/notify/*.c)

objects     = $(patsubst %.c,$(BUILD)/%.o,$(1))
core_lib   := $(BUILD)/libcardio.a
programs   := $(BUILD)/cardiod $(BUILD)/cardioctl $(BUILD)/cardio-notify
completions := $(addprefix $(BUILD)/cardioctl.,bash zsh fish)
# The daemon and cardioctl without their main(), for the tests of their modules.
daemon_objects := $(filter-out %/main.o,$(call objects,$(daemon_src)))
ctl_objects    := $(filter-out %/main.o,$(call objects,$(ctl_src)))

unit_tests   := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test-*.c))
client_unit_tests := $(filter $(BUILD)/tests/unit/test-client-%,$(unit_tests))
ctl_unit_tests := $(filter $(BUILD)/tests/unit/test-ctl-%,$(unit_tests))
daemon_unit_tests := $(filter $(addprefix $(BUILD)/tests/unit/test-,bluez% config% health log store%),$(unit_tests))
bus_tests    := $(patsubst tests/bus/%.c,$(BUILD)/tests/bus/%,$(wildcard tests/bus/test-*.c))
# The one that plays the streams of tests/replay.
replay_test  := $(BUILD)/tests/unit/test-replay-streams
harness      := $(call objects,$(filter-out tests/bus/test-%,$(wildcard tests/bus/*.c)))
standins     := $(BUILD)/bluez-standin $(BUILD)/notifications-standin
vm_programs  := $(addprefix $(BUILD)/vm-,peripheral radio acquire)
# Preloaded into programs under test, so without what a sanitizer adds.
shims        := $(patsubst tests/shim/%.c,$(BUILD)/%.so,$(wildcard tests/shim/*.c))
script_tests := $(wildcard tests/scripts/test-*)
fuzz_targets := $(patsubst tests/fuzz/fuzz-%.c,%,$(wildcard tests/fuzz/fuzz-*.c))
fuzzers      := $(addprefix $(BUILD)/fuzz-,$(fuzz_targets))
fuzz_objects := $(call objects,$(filter-out tests/fuzz/fuzz-%,$(wildcard tests/fuzz/*.c)))
bench_programs := $(addprefix $(BUILD)/bench/,floor listen core history)

# In `make -j deps all` nothing is compiled before what is needed is installed.
deps_first := $(filter deps deps-%,$(MAKECMDGOALS))

# A missing library is told before anything is compiled, in words.
building := $(filter-out help deps deps-% check-distro clean,$(or $(MAKECMDGOALS),all))
ifneq ($(building),)
ifeq ($(deps_first)$(MAKE_RESTARTS),)
ifneq ($(shell $(PKG_CONFIG) --exists $(PACKAGES) 2>/dev/null && echo yes),yes)
$(error cardiod needs the development files of: $(PACKAGES). `make deps` installs them on Debian)
endif
endif
endif

all: $(programs) $(completions) ## build cardiod, cardioctl and cardio-notify (the default)

$(BUILD)/cardiod: $(call objects,$(daemon_src)) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd sqlite3 inih) -lm
$(BUILD)/cardioctl: $(call objects,$(ctl_src) $(client_src)) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd sqlite3 json-c) -lm
$(BUILD)/cardio-notify: $(call objects,$(notify_src) $(client_src)) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd) -lm
# Printed by the program itself, from its table of verbs. RUN is what runs it where that is another machine's, as in
# RUN=qemu-aarch64.
$(completions): $(BUILD)/cardioctl.%: $(BUILD)/cardioctl
	$(call short,GEN,$@)$(RUN) $< completions $* >$@
$(BUILD)/bluez-standin: $(call objects,$(wildcard tests/standin/bluez-standin*.c tests/standin/script*.c)) $(core_lib)
$(BUILD)/vm-peripheral: $(call objects,$(wildcard tests/vm/peripheral*.c tests/standin/script*.c)) $(core_lib)
$(BUILD)/vm-radio: $(call objects,tests/vm/radio.c tests/standin/script-tools.c) $(core_lib)
$(BUILD)/vm-acquire: $(call objects,tests/vm/acquire.c tests/standin/script-tools.c) $(core_lib)
$(BUILD)/notifications-standin: $(call objects,$(wildcard tests/standin/notifications-standin*.c)) $(core_lib)
$(standins) $(vm_programs):
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd) -lm
libs = $(shell $(PKG_CONFIG) --libs $(1))

# The modules of cardioctl that stand for themselves, for their tests.
ctl_lib    := $(BUILD)/libctl.a
comma := ,

$(shims): $(BUILD)/%.so: tests/shim/%.c tests/shim/%.h | $(deps_first)
	$(Q)mkdir -p $(@D)
	$(call short,CC,$<)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g $(WARN) -fPIC -shared -o $@ $< -ldl

$(BUILD)/bench/floor $(BUILD)/bench/listen: $(BUILD)/bench/%: $(BUILD)/tests/bench/%.o
$(BUILD)/bench/core: $(call objects,tests/bench/core.c tests/bench/runs.c) $(core_lib)
$(BUILD)/bench/history: $(call objects,tests/bench/history.c tests/bench/runs.c) $(daemon_objects) $(core_lib)
$(bench_programs):
	$(Q)mkdir -p $(@D)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd sqlite3 inih) -lm

$(core_lib): $(call objects,$(core_src))
$(ctl_lib): $(ctl_objects)
$(core_lib) $(ctl_lib):
	$(Q)rm -f $@
	$(call short,AR,$@)$(AR) rcs $@ $^

# Those of the core, which needs nothing but the C library.
$(filter-out $(client_unit_tests) $(ctl_unit_tests) $(daemon_unit_tests) $(replay_test),$(unit_tests)): $(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,cmocka) -lm
$(daemon_unit_tests): $(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(daemon_objects) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd sqlite3 inih cmocka) -lm
$(replay_test): $(call objects,tests/unit/test-replay-streams.c $(wildcard tests/replay/*.c)) $(daemon_objects) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd sqlite3 inih) -lm
$(client_unit_tests): $(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(call objects,$(client_src)) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd cmocka) -lm
$(ctl_unit_tests): $(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(ctl_lib) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd sqlite3 json-c cmocka) -lm
$(bus_tests): $(BUILD)/tests/bus/%: $(BUILD)/tests/bus/%.o $(harness) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd sqlite3 cmocka vterm) -lm

# The daemon's log is replaced.
$(fuzzers): $(BUILD)/fuzz-%: $(BUILD)/tests/fuzz/fuzz-%.o $(fuzz_objects) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -fsanitize=fuzzer -o $@ $(filter-out %.a,$^) $(core_lib) $(call libs,libsystemd sqlite3 inih json-c) -lm
$(BUILD)/fuzz-config $(BUILD)/fuzz-grammar $(BUILD)/fuzz-database $(BUILD)/fuzz-daemon: \
        $(filter-out $(BUILD)/src/daemon/log.o,$(daemon_objects))
$(BUILD)/fuzz-ctl: $(ctl_objects) $(call objects,$(client_src))
fuzz_wraps := callers_judge clock_gettime sd_event_add_signal
$(BUILD)/fuzz-daemon: ldflags += $(addprefix -Wl$(comma)--wrap=,$(fuzz_wraps))

$(BUILD)/src/core/%.o: WARN += -Wconversion
# They share what is in src/client, and with the daemon what is in src/shared.
$(BUILD)/src/ctl/%.o $(BUILD)/src/notify/%.o: folder_cppflags := -Isrc -Isrc/ctl
$(BUILD)/src/daemon/%.o: folder_cppflags := -Isrc -Isrc/daemon
$(BUILD)/src/shared/%.o $(BUILD)/src/client/%.o: folder_cppflags := -Isrc
# cmocka 2 calls deprecated what cmocka 1 has no other name for.
$(BUILD)/tests/%.o: WARN += -Wno-deprecated-declarations
$(BUILD)/tests/%.o: folder_cppflags := -Isrc -Isrc/daemon -Isrc/ctl
$(BUILD)/tests/%.o: test_cppflags := -DTEST_DATA='"$(TEST_DATA)"' -DBUILD='"$(BUILD)"'
$(BUILD)/%.o: %.c | $(deps_first)
	$(Q)mkdir -p $(@D)
	$(call short,CC,$<)$(CC) $(cppflags) $(cflags) -MMD -MP -c -o $@ $<

# SQL and the like become C strings, so that each has one home and its own editor mode.
sql_headers := $(patsubst src/daemon/store/%,$(BUILD)/gen/%.h,$(wildcard src/daemon/store/schema*.sql))
$(BUILD)/src/daemon/store/schema.o $(addprefix $(BUILD)/tests/unit/test-store-,clock.o every-fault.o file.o kind.o life.o recount.o views.o): $(sql_headers)
$(BUILD)/gen/%.h: src/daemon/store/%
	$(Q)mkdir -p $(@D)
	$(call short,GEN,$@)sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $< >$@

# In $(BUILD)/vm are folders with such names.
-include $(shell find $(BUILD) -path $(BUILD)/vm -prune -o -name '*.d' -print 2>/dev/null)

# -- Try it, test it -----------------------------------------------------------------------------------------------

demo: all $(standins) ## a run that becomes too fast, on a private bus, without hardware
	$(Q)BUILD=$(BUILD) TEST_DATA=$(TEST_DATA) tests/demo

# Those of the bench are only built here: nothing that is timed is a test. The fuzz targets are compiled, not linked: that
# takes clang.
tests: all $(standins) $(shims) $(unit_tests) $(bus_tests) $(bench_programs) $(call objects,$(wildcard tests/fuzz/*.c))

check: tests ## all tests; closes with "N passed, N failed"
	$(Q)BUILD=$(BUILD) TEST_DATA=$(TEST_DATA) tests/run $(unit_tests) $(bus_tests) $(script_tests)

# Those of REPLAY, else all.
update-replay: $(replay_test) ## write into the files of tests/replay what comes of them now; look at the difference
	$(replay_test) --update $(REPLAY)

# CARDIO_SEED: those of an earlier run.
check-death: all $(standins) $(BUILD)/tests/bus/test-death ## kill -9 at 200 random moments of a run
	$(Q)BUILD=$(BUILD) TEST_DATA=$(TEST_DATA) CARDIO_DEATHS=200 TEST_TIMEOUT=900 TEST_VERBOSE=1 \
	        tests/run $(BUILD)/tests/bus/test-death

check-asan: ## all tests with AddressSanitizer and UndefinedBehaviorSanitizer
	+CHAOS_HOURS=$${CHAOS_HOURS:-200} FAULTS_EVERY=$${FAULTS_EVERY:-4} $(MAKE) BUILD=build-asan SANITIZE=1 check

# What the store's thread shares with the event loop: its own tests, and the daemon that records, syncs and deletes. SQLite
# itself, which is not built for it, is taken as it is.
TSAN_TESTS ?= $(addprefix $(BUILD)/tests/unit/test-store-,sync wal moved) $(BUILD)/tests/unit/test-store \
              $(BUILD)/tests/bus/test-storage
check-tsan-here: all $(standins) $(shims) $(TSAN_TESTS)
	$(Q)BUILD=$(BUILD) TEST_DATA=$(TEST_DATA) tests/run $(TSAN_TESTS)

check-tsan: ## the tests of what threads share, with ThreadSanitizer
	+$(MAKE) BUILD=build-tsan SANITIZE=thread check-tsan-here

# Of the bus tests those that take each program once through its life; all of them: VALGRIND_TESTS='$(bus_tests)'. Of the
# unit tests not those that open a database hundreds of times, which takes minutes there: the sanitizers have them.
VALGRIND_TESTS ?= $(addprefix $(BUILD)/tests/bus/test-,api recording bluez-values bluez-nonsense ctl-live ctl-json notify)
valgrind_units := $(filter-out $(addprefix $(BUILD)/tests/unit/test-store-,clock faults spill),$(unit_tests))
check-valgrind: tests ## the unit tests, and runs of each program, under valgrind
	$(Q)BUILD=$(BUILD) TEST_DATA=$(TEST_DATA) tests/run --valgrind $(valgrind_units) $(VALGRIND_TESTS)

# CHAOS_SEED=N is the walk again that has failed.
check-chaos: tests ## random walks: CHAOS_MINUTES (5) of the real daemon, CHAOS_HOURS (5000) of simulated life of the core
	$(Q)seed=$${CHAOS_SEED:-$$(date +%s)}; echo "CHAOS_SEED=$$seed"; \
	CHAOS_SEED=$$seed CHAOS_HOURS=$${CHAOS_HOURS:-5000} CHAOS_SECONDS=$$(( $${CHAOS_MINUTES:-5} * 60 )) \
	TEST_TIMEOUT=$$(( $${CHAOS_MINUTES:-5} * 60 + 1800 )) BUILD=$(BUILD) TEST_DATA=$(TEST_DATA) \
	tests/run $(BUILD)/tests/unit/test-chaos $(BUILD)/tests/bus/test-chaos

bench-load: tests ## how the daemon bears 64 straps, 2,000 notifications a second and bad clients; tells figures
	$(Q)BUILD=$(BUILD) TEST_DATA=$(TEST_DATA) LOAD_SECONDS=$${LOAD_SECONDS:-30} $(BUILD)/tests/bus/test-load

lint: $(sql_headers) | $(deps_first) ## cppcheck, clang-format, clang-tidy, shellcheck; Python, man pages, XML and units
	$(Q)BUILD=$(BUILD) tests/lint

# With the tests in the same command it brings what they need, too.
deps: ## install what building and the demo need (on Debian and what is made from it)
	@tests/deps $(DEPS) $(if $(filter tests check check-asan check-chaos check-death check-tsan check-valgrind,$(MAKECMDGOALS)),$(CHECK_DEPS))

deps-check: ## install what the tests need
	@tests/deps $(DEPS) $(CHECK_DEPS)

check-vm: $(BUILD)/vm/overlay ## cardiod as installed, with a real bluetoothd and systemd, in a virtual machine
	$(Q)BUILD=$(BUILD) tests/vm/check

VM_CUTS ?= 20
check-power: $(BUILD)/vm/overlay ## cut the virtual machine's power in the middle of a run, VM_CUTS times (20 minutes)
	$(Q)BUILD=$(BUILD) VM_CUTS=$(VM_CUTS) tests/vm/check fresh_install first_contact power_cut

$(BUILD)/vm/overlay: all $(vm_programs)
	rm -rf $(BUILD)/vm/overlay
	+$(MAKE) -s install DESTDIR=$(BUILD)/vm/overlay PREFIX=/usr

deps-vm: ## install what check-vm needs
	@tests/deps $(DEPS) $(VM_DEPS)

# VM=1: check-vm, too. tests/distro says what else can be chosen.
check-distro: ## the README's commands in a bare bookworm, trixie and, as a look ahead, sid (30 minutes; as root)
	$(Q)BUILD=$(BUILD) tests/distro $(or $(DISTROS),bookworm trixie sid)

deps-distro: ## install what check-distro needs
	@tests/deps $(DISTRO_DEPS)

# FUZZ_RUNS executions of each of FUZZ_TARGETS, at most FUZZ_SECONDS; see tests/fuzz/run.
fuzz: | $(deps_first) ## fuzz the parsers, the database and the daemon, 5 min each (clang's libFuzzer)
	+$(MAKE) BUILD=build-fuzz CC=clang FUZZ=1 $(fuzz_targets:%=build-fuzz/fuzz-%)
	$(Q)BUILD=build-fuzz tests/fuzz/run $(or $(FUZZ_TARGETS),$(fuzz_targets))

check-fuzz: export FUZZ_SECONDS ?= 10
check-fuzz: fuzz ## the same for 10 s each; closes with "N passed, N failed"

fuzz-coverage: | $(deps_first) ## what the corpora of the fuzz targets reach, by llvm-cov
	+$(MAKE) BUILD=build-fuzz-coverage CC=clang FUZZ=coverage $(fuzz_targets:%=build-fuzz-coverage/fuzz-%)
	$(Q)BUILD=build-fuzz-coverage tests/fuzz/coverage $(or $(FUZZ_TARGETS),$(fuzz_targets))

deps-fuzz: ## install what fuzz needs
	@tests/deps $(DEPS) $(FUZZ_DEPS)

deps-lint: ## install what lint needs
	@tests/deps $(DEPS) $(LINT_DEPS)

# BENCH=quick measures each row once, in a minute, and keeps nothing.
bench: all $(standins) $(bench_programs) ## what a heart rate costs, into tests/bench/RESULTS.md (20 minutes; BENCH=quick: one)
	$(Q)BUILD=$(BUILD) tests/bench/bench $(if $(BENCH),--$(BENCH))

bench-settings: all $(bench_programs) ## what SQLite is set to, against other settings, into the same (10 minutes)
	$(Q)BUILD=$(BUILD) tests/bench/bench --settings

deps-bench: ## install what bench needs
	@tests/deps $(DEPS) $(BENCH_DEPS)

# -- Install -------------------------------------------------------------------------------------------------------

install: all ## install to $(DESTDIR)$(PREFIX); an edited configuration is kept
	install -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(SYSCONFDIR)/cardiod'
	install -m 755 $(programs) '$(DESTDIR)$(BINDIR)'
	test -e '$(DESTDIR)$(SYSCONFDIR)/cardiod/cardiod.conf' || \
	        install -m 644 conf/cardiod.conf '$(DESTDIR)$(SYSCONFDIR)/cardiod/cardiod.conf'
	install -D -m 644 $(BUILD)/cardioctl.bash '$(DESTDIR)$(BASHDIR)/cardioctl'
	install -D -m 644 $(BUILD)/cardioctl.zsh '$(DESTDIR)$(ZSHDIR)/_cardioctl'
	install -D -m 644 $(BUILD)/cardioctl.fish '$(DESTDIR)$(FISHDIR)/cardioctl.fish'
	install -D -m 644 conf/org.cardiod1.conf '$(DESTDIR)$(DBUSPOLICYDIR)/org.cardiod1.conf'
	install -D -m 644 conf/org.cardiod1.xml '$(DESTDIR)$(DBUSDATADIR)/interfaces/org.cardiod1.xml'
	install -D -m 644 conf/examples/bluez-private.conf '$(DESTDIR)$(DOCDIR)/examples/bluez-private.conf'
	install -D -m 644 systemd/cardiod.sysusers '$(DESTDIR)$(SYSUSERSDIR)/cardiod.conf'
	install -D -m 644 systemd/cardiod.tmpfiles '$(DESTDIR)$(TMPFILESDIR)/cardiod.conf'
	install -d '$(DESTDIR)$(UNITDIR)' '$(DESTDIR)$(USERUNITDIR)'
	sed 's,@BINDIR@,$(BINDIR),' systemd/cardiod.service >'$(DESTDIR)$(UNITDIR)/cardiod.service'
	sed 's,@BINDIR@,$(BINDIR),' systemd/user/cardiod.service >'$(DESTDIR)$(USERUNITDIR)/cardiod.service'
	sed 's,@BINDIR@,$(BINDIR),' systemd/user/cardio-notify.service >'$(DESTDIR)$(USERUNITDIR)/cardio-notify.service'
	chmod 644 '$(DESTDIR)$(UNITDIR)/cardiod.service' '$(DESTDIR)$(USERUNITDIR)'/cardio*.service
	for page in man/*.[1-8]; do \
	        install -D -m 644 "$$page" '$(DESTDIR)$(MANDIR)'/man"$${page##*.}/$${page##*/}" || exit 1; done

clean: ## remove everything built
	rm -rf build build-*

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | awk -F'\t' '{ printf "  %-16s %s\n", $$1, $$2 }'

.PHONY: all bench bench-load bench-settings check check-asan check-chaos check-death check-distro check-fuzz check-power \
        check-tsan check-tsan-here check-valgrind check-vm clean demo deps deps-bench deps-check deps-distro deps-fuzz deps-lint deps-vm fuzz fuzz-coverage \
        help install lint tests update-replay
.DELETE_ON_ERROR:
.SECONDARY:
