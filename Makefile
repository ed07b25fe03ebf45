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
ICONDIR      ?= $(PREFIX)/share/icons
DESKTOPDIR   ?= $(PREFIX)/share/applications
METAINFODIR  ?= $(PREFIX)/share/metainfo
# The buses read policies in /usr/share and /etc, not in /usr/local.
DBUSPOLICYDIR ?= $(if $(filter /usr,$(PREFIX)),$(DBUSDATADIR),$(SYSCONFDIR)/dbus-1)/system.d
UNITDIR      ?= $(PREFIX)/lib/systemd/system
USERUNITDIR  ?= $(PREFIX)/lib/systemd/user
SYSUSERSDIR  ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR  ?= $(PREFIX)/lib/tmpfiles.d
CATALOGDIR   ?= $(PREFIX)/lib/systemd/catalog
TEST_DATA    ?= ../shared/data

# The one place for it; what else names a version, such as CHANGELOG.md, is compared with it by the tests.
VERSION      := 0.1.0
BUILD        ?= build
PKG_CONFIG   ?= pkg-config
PACKAGES     := libsystemd sqlite3 inih json-c libxml-2.0 libmd libmosquitto
# What cardio-notify plays sounds and speaks with, where it is there. SOUND=no and SPEECH=no leave it out, =yes insists on it.
SOUND_PACKAGE  := libcanberra
SPEECH_PACKAGE := speech-dispatcher
# What cardioctl unpacks .fit.gz and the like with. ZLIB=no leaves it out, =yes insists on it.
ZLIB_PACKAGE   := zlib
# Building and the demo; each list below it is what comes on top.
DEPS         := gcc libc6-dev make pkg-config libsystemd-dev libsqlite3-dev libinih-dev libjson-c-dev libxml2-dev \
                libmd-dev libmosquitto-dev zlib1g-dev libcanberra-dev libspeechd-dev dbus sqlite3
CHECK_DEPS   := libcmocka-dev libnss-wrapper libvterm-dev bluez valgrind bash-completion zsh fish \
                bsdutils tzdata less pulseaudio pulseaudio-utils libcanberra-pulse sound-theme-freedesktop \
                speech-dispatcher speech-dispatcher-espeak-ng gpsbabel mosquitto mosquitto-clients openssl
ifdef CI
# For two tests, which are skipped elsewhere: Debian's npm brings hundreds of packages.
CHECK_DEPS   += nodejs npm chromium
endif
VM_DEPS      := qemu-system-x86 busybox-static cpio kmod e2fsprogs dbus bluez bluez-test-tools systemd sqlite3 gdb \
                libglib2.0-bin xvfb dunst fonts-dejavu-core curl pulseaudio libcanberra-pulse sound-theme-freedesktop \
                speech-dispatcher speech-dispatcher-espeak-ng mosquitto mosquitto-clients openssl ca-certificates
FUZZ_DEPS    := clang llvm libclang-rt-dev
BENCH_DEPS   := python3 python3-bleak python3-dbus python3-gi strace mosquitto mosquitto-clients openssl
LINT_DEPS    := cppcheck clang-format clang-tidy shellcheck python3 mandoc man-db groff libxml2-utils systemd \
                desktop-file-utils appstream librsvg2-bin
DISTRO_DEPS  := mmdebstrap git systemd-container
DEB_DEPS     := build-essential debhelper dpkg-dev git lintian
PICTURES_DEPS := python3 chromium tmux xvfb dunst imagemagick pngquant systemd hicolor-icon-theme librsvg2-common fonts-dejavu-core

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
OPT   := -O2 -g
# Not with a sanitizer, which has checks of its own, nor where the user says another level or does not optimise.
FORTIFY = $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS))$(filter -O0,$(CFLAGS)),,$(fortify))
endif

# What hardens programs, and not each compiler knows for each processor: branches of Intel's, the stack, branches of ARM's.
# Asked once, when something is to be compiled.
try_flag   = $(if $(shell $(CC) -Werror $(1) -S -o - -x c /dev/null >/dev/null 2>&1 && echo yes),$(1))
hardening  = $(eval hardening := $(foreach flag,-fcf-protection -fstack-clash-protection -mbranch-protection=standard,$(call \
             try_flag,$(flag))))$(hardening)
# Level 3 is warned about where it is not known.
try_fortify = echo '\#include <string.h>' | $(CC) -Werror -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -S -o - -x c - >/dev/null 2>&1
fortify    = $(eval fortify := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$(if $(shell $(try_fortify) && echo yes),3,2))$(fortify)
# The same bytes wherever they are built: the folder is in no program, nor in what a debugger reads.
anywhere   = $(eval anywhere := $(call try_flag,'-ffile-prefix-map=$(CURDIR)=.'))$(anywhere)

# The user's flags come last. Ours have names of their own: make would hand theirs on to sub-makes with ours in them.
cppflags = -Iinclude -I$(BUILD)/gen $(folder_cppflags) -D_GNU_SOURCE -DCARDIO_VERSION='"$(VERSION)"' $(pkg_cflags) \
           $(optional_cflags) $(test_cppflags) $(FORTIFY) $(CPPFLAGS)
# Without stubs for calls of libraries: all are bound at the start (-z now).
cflags   = -std=gnu11 -pthread $(OPT) $(WARN) -fPIE -fno-plt -fstack-protector-strong $(hardening) -fno-common $(anywhere) $(CFLAGS)
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
exchange_src := $(wildcard src/exchange/*.c)
report_src := $(wildcard src/report/*.c)
ctl_src    := $(wildcard src/ctl/*.c src/ctl/*/*.c)
notify_src := $(wildcard src/notify/*.c)
bridge_src := $(wildcard src/bridge/*.c)

objects     = $(patsubst %.c,$(BUILD)/%.o,$(1))
core_lib   := $(BUILD)/libcardio.a
exchange_lib := $(BUILD)/libexchange.a
report_lib := $(BUILD)/libreport.a
programs   := $(addprefix $(BUILD)/,cardiod cardioctl cardio-notify cardio-bridge)
completions := $(addprefix $(BUILD)/cardioctl.,bash zsh fish)
# The daemon and cardioctl without their main(), for the tests of their modules.
daemon_objects := $(filter-out %/main.o,$(call objects,$(daemon_src)))
ctl_objects    := $(filter-out %/main.o,$(call objects,$(ctl_src)))
bridge_objects := $(filter-out %/main.o,$(call objects,$(bridge_src)))

unit_tests   := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test-*.c))
client_unit_tests := $(filter $(BUILD)/tests/unit/test-client-%,$(unit_tests))
bridge_unit_tests := $(filter $(BUILD)/tests/unit/test-bridge-%,$(unit_tests))
ctl_unit_tests := $(filter $(BUILD)/tests/unit/test-ctl-%,$(unit_tests))
report_unit_tests := $(filter $(BUILD)/tests/unit/test-report-%,$(unit_tests))
exchange_unit_tests := $(filter $(BUILD)/tests/unit/test-exchange-%,$(unit_tests))
# What makes sessions and judges the files that were written of them, for unit tests and fuzz targets.
exchange_judges := $(call objects,$(wildcard $(addprefix tests/exchange/*-,fixture.c decode.c judge.c)))
# What makes pages and judges them.
report_judges := $(call objects,$(wildcard tests/report/*.c))
run_makers   := $(patsubst tests/exchange/%.c,$(BUILD)/%,$(wildcard tests/exchange/make-*.c))
daemon_unit_tests := $(filter $(addprefix $(BUILD)/tests/unit/test-,bluez% config% health log store%),$(unit_tests))
bus_tests    := $(patsubst tests/bus/%.c,$(BUILD)/tests/bus/%,$(wildcard tests/bus/test-*.c))
# The one that plays the streams of tests/replay.
replay_test  := $(BUILD)/tests/unit/test-replay-streams
harness      := $(call objects,$(filter-out tests/bus/test-%,$(wildcard tests/bus/*.c)))
standins     := $(addprefix $(BUILD)/,bluez-standin notifications-standin broker-standin sessions-standin)
vm_programs  := $(addprefix $(BUILD)/vm-,peripheral radio acquire)
# Preloaded into programs under test, so without what a sanitizer adds.
shims        := $(patsubst tests/shim/%.c,$(BUILD)/%.so,$(wildcard tests/shim/*.c))
script_tests := $(if $(SANITIZE),$(addprefix tests/scripts/test-,completions demo export-decoders replay),$(wildcard tests/scripts/test-*))
fuzz_targets := $(patsubst tests/fuzz/fuzz-%.c,%,$(wildcard tests/fuzz/fuzz-*.c))
fuzzers      := $(addprefix $(BUILD)/fuzz-,$(fuzz_targets))
fuzz_objects := $(call objects,$(filter-out tests/fuzz/fuzz-%,$(wildcard tests/fuzz/*.c)))
bench_programs := $(addprefix $(BUILD)/bench/,floor listen core history beats brokers)

# Asked for once, when first needed.
have   = $(if $(shell $(PKG_CONFIG) --exists $(1) 2>/dev/null && echo yes),yes,no)
sound  = $(eval sound := $(or $(SOUND),$(call have,$(SOUND_PACKAGE))))$(sound)
speech = $(eval speech := $(or $(SPEECH),$(call have,$(SPEECH_PACKAGE))))$(speech)
zlib   = $(eval zlib := $(or $(ZLIB),$(call have,$(ZLIB_PACKAGE))))$(zlib)
heard_libs = $(if $(filter yes,$(sound)),$(call libs,$(SOUND_PACKAGE))) $(if $(filter yes,$(speech)),$(call libs,$(SPEECH_PACKAGE)))
zlib_libs  = $(if $(filter yes,$(zlib)),$(call libs,$(ZLIB_PACKAGE)))

# In `make -j deps all` nothing is compiled before what is needed is installed.
deps_first := $(filter deps deps-%,$(MAKECMDGOALS))

# A missing library is told before anything is compiled, in words.
building := $(filter-out help deps deps-% check-distro check-package check-reproducible clean deb dist uninstall,$(or $(MAKECMDGOALS),all))
ifneq ($(building),)
ifeq ($(deps_first)$(MAKE_RESTARTS),)
needed := $(PACKAGES) $(if $(filter yes,$(SOUND)),$(SOUND_PACKAGE)) $(if $(filter yes,$(SPEECH)),$(SPEECH_PACKAGE)) \
          $(if $(filter yes,$(ZLIB)),$(ZLIB_PACKAGE))
ifneq ($(shell $(PKG_CONFIG) --exists $(needed) 2>/dev/null && echo yes),yes)
$(error cardiod needs the development files of: $(strip $(needed)). `make deps` installs them on Debian)
endif
endif
endif

all: $(programs) $(completions) ## build cardiod, cardioctl, cardio-notify and cardio-bridge (the default)

$(BUILD)/cardiod: $(call objects,$(daemon_src)) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd sqlite3 inih) -lm
$(BUILD)/cardioctl: $(call objects,$(ctl_src) $(client_src)) $(exchange_lib) $(report_lib) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd sqlite3 inih json-c libxml-2.0 libmd) $(zlib_libs) -lm
$(BUILD)/cardio-notify: $(call objects,$(notify_src) $(client_src)) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd inih) $(heard_libs) -lm
$(BUILD)/cardio-bridge: $(call objects,$(bridge_src) $(client_src)) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd inih json-c libmosquitto) -lm
# Printed by the program itself, from its table of verbs. RUN is what runs it where that is another machine's, as in
# RUN=qemu-aarch64.
$(completions): $(BUILD)/cardioctl.%: $(BUILD)/cardioctl
	$(call short,GEN,$@)$(RUN) $< completions $* >$@
$(BUILD)/bluez-standin: $(call objects,$(wildcard tests/standin/bluez-standin*.c tests/standin/script*.c)) $(core_lib)
$(BUILD)/vm-peripheral: $(call objects,$(wildcard tests/vm/peripheral*.c tests/standin/script*.c)) $(core_lib)
$(BUILD)/vm-radio: $(call objects,tests/vm/radio.c tests/standin/script-tools.c) $(core_lib)
$(BUILD)/vm-acquire: $(call objects,tests/vm/acquire.c tests/standin/script-tools.c) $(core_lib)
$(BUILD)/notifications-standin: $(call objects,$(wildcard tests/standin/notifications-standin*.c)) $(core_lib)
$(BUILD)/broker-standin: $(call objects,tests/standin/broker-standin.c) $(core_lib)
$(BUILD)/sessions-standin: $(BUILD)/tests/standin/sessions-standin.o $(bridge_objects) $(call objects,$(client_src)) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd inih json-c libmosquitto) -lm
$(filter-out $(BUILD)/sessions-standin,$(standins)) $(vm_programs):
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd) -lm
libs = $(shell $(PKG_CONFIG) --libs $(1))

$(run_makers): $(BUILD)/%: $(BUILD)/tests/exchange/%.o $(exchange_judges) $(exchange_lib) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libxml-2.0 json-c) -lm

# The modules of cardioctl that stand for themselves, for their tests.
ctl_lib    := $(BUILD)/libctl.a
comma := ,

$(shims): $(BUILD)/%.so: tests/shim/%.c tests/shim/%.h | $(deps_first)
	$(Q)mkdir -p $(@D)
	$(call short,CC,$<)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g $(WARN) -fPIC -shared -o $@ $< -ldl

$(BUILD)/bench/floor $(BUILD)/bench/listen: $(BUILD)/bench/%: $(BUILD)/tests/bench/%.o
$(BUILD)/bench/core: $(call objects,tests/bench/core.c tests/bench/runs.c) $(core_lib)
$(BUILD)/bench/history: $(call objects,tests/bench/history.c tests/bench/runs.c) $(daemon_objects) $(core_lib)
$(BUILD)/bench/beats: $(call objects,tests/bench/beats.c) $(daemon_objects) $(core_lib)
$(BUILD)/bench/brokers: $(call objects,tests/bench/brokers.c) $(bridge_objects) $(call objects,$(client_src)) $(core_lib)
$(BUILD)/bench/brokers: bench_libs = json-c libmosquitto
$(bench_programs):
	$(Q)mkdir -p $(@D)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd sqlite3 inih $(bench_libs)) -lm

$(core_lib): $(call objects,$(core_src))
$(exchange_lib): $(call objects,$(exchange_src))
$(report_lib): $(call objects,$(report_src))
$(ctl_lib): $(ctl_objects)
$(core_lib) $(exchange_lib) $(report_lib) $(ctl_lib):
	$(Q)rm -f $@
	$(call short,AR,$@)$(AR) rcs $@ $^

# Those of the core, which needs nothing but the C library.
$(filter-out $(bridge_unit_tests) $(client_unit_tests) $(ctl_unit_tests) $(daemon_unit_tests) $(exchange_unit_tests) $(report_unit_tests) $(replay_test),$(unit_tests)): $(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,cmocka) -lm
$(daemon_unit_tests): $(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(daemon_objects) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd sqlite3 inih cmocka) -lm
$(replay_test): $(call objects,tests/unit/test-replay-streams.c $(wildcard tests/replay/*.c)) $(daemon_objects) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd sqlite3 inih) -lm
$(exchange_unit_tests): $(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(exchange_judges) $(exchange_lib) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libxml-2.0 json-c cmocka) -lm
$(report_unit_tests): $(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(report_judges) $(report_lib) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libxml-2.0 cmocka) -lm
$(client_unit_tests): $(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(call objects,$(client_src)) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd inih cmocka) -lm
$(bridge_unit_tests): $(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(bridge_objects) $(call objects,$(client_src)) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd inih json-c libmosquitto cmocka) -lm
$(ctl_unit_tests): $(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(ctl_lib) $(report_lib) $(call objects,$(client_src)) $(exchange_lib) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd sqlite3 inih json-c libxml-2.0 libmd cmocka) $(zlib_libs) -lm
$(bus_tests): $(BUILD)/tests/bus/%: $(BUILD)/tests/bus/%.o $(harness) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -o $@ $^ $(call libs,libsystemd sqlite3 cmocka vterm) -lm

# The daemon's log is replaced.
$(fuzzers): $(BUILD)/fuzz-%: $(BUILD)/tests/fuzz/fuzz-%.o $(fuzz_objects) $(core_lib)
	$(call short,LD,$@)$(CC) $(cflags) $(ldflags) -fsanitize=fuzzer -o $@ $(filter-out %.a,$^) $(core_lib) $(call libs,libsystemd sqlite3 inih json-c libxml-2.0 libmd) $(zlib_libs) -lm
$(BUILD)/fuzz-config $(BUILD)/fuzz-grammar $(BUILD)/fuzz-database $(BUILD)/fuzz-daemon: \
        $(filter-out $(BUILD)/src/daemon/log.o,$(daemon_objects))
$(BUILD)/fuzz-ctl $(BUILD)/fuzz-import: $(ctl_objects) $(call objects,$(client_src) $(exchange_src) $(report_src))
$(BUILD)/fuzz-report: $(report_judges) $(call objects,$(report_src))
$(BUILD)/fuzz-outbox: $(call objects,$(addprefix src/bridge/,outbox.c walk.c id-list.c) src/client/user-file.c)
$(BUILD)/fuzz-export $(filter $(BUILD)/fuzz-read-%,$(fuzzers)): $(exchange_judges) $(call objects,$(exchange_src))
fuzz_wraps := callers_judge clock_gettime sd_bus_release_name sd_event_add_signal
$(BUILD)/fuzz-daemon: ldflags += $(addprefix -Wl$(comma)--wrap=,$(fuzz_wraps))

$(BUILD)/src/core/%.o $(BUILD)/src/exchange/%.o $(BUILD)/src/report/%.o: WARN += -Wconversion
$(BUILD)/src/notify/sound.o: $(BUILD)/gen/sound
$(BUILD)/src/notify/speech.o: $(BUILD)/gen/speech
$(BUILD)/src/ctl/doctor/sound.o: $(BUILD)/gen/sound $(BUILD)/gen/speech
$(BUILD)/src/ctl/doctor/sound.o: optional_cflags = -DHAVE_CANBERRA=$(if $(filter yes,$(sound)),1,0) -DHAVE_SPEECHD=$(if $(filter yes,$(speech)),1,0)
$(BUILD)/src/notify/sound.o: optional_cflags = $(if $(filter yes,$(sound)),-DHAVE_CANBERRA=1 $(shell $(PKG_CONFIG) --cflags $(SOUND_PACKAGE)),-DHAVE_CANBERRA=0)
$(BUILD)/src/notify/speech.o: optional_cflags = $(if $(filter yes,$(speech)),-DHAVE_SPEECHD=1 $(shell $(PKG_CONFIG) --cflags $(SPEECH_PACKAGE)),-DHAVE_SPEECHD=0)
$(BUILD)/src/ctl/import/unpack.o $(BUILD)/tests/unit/test-ctl-import-read.o: $(BUILD)/gen/zlib
$(BUILD)/src/ctl/import/unpack.o $(BUILD)/tests/unit/test-ctl-import-read.o: optional_cflags = $(if $(filter yes,$(zlib)),-DHAVE_ZLIB=1 $(shell $(PKG_CONFIG) --cflags $(ZLIB_PACKAGE)),-DHAVE_ZLIB=0)
# Changed only when the answer has: what depends on it is compiled again then.
$(BUILD)/gen/sound $(BUILD)/gen/speech $(BUILD)/gen/zlib: ask-here | $(deps_first)
	$(Q)mkdir -p $(@D)
	$(Q)echo '$($(@F))' | cmp -s - $@ || echo '$($(@F))' >$@
.PHONY: ask-here
# They share what is in src/client, and with the daemon what is in src/shared.
$(BUILD)/src/ctl/%.o $(BUILD)/src/notify/%.o: folder_cppflags := -Isrc -Isrc/ctl
$(BUILD)/src/daemon/%.o: folder_cppflags := -Isrc -Isrc/daemon
$(BUILD)/src/bridge/%.o $(BUILD)/src/shared/%.o $(BUILD)/src/client/%.o $(BUILD)/src/exchange/%.o $(BUILD)/src/report/%.o: folder_cppflags := -Isrc
# cmocka 2 calls deprecated what cmocka 1 has no other name for.
$(BUILD)/tests/%.o: WARN += -Wno-deprecated-declarations
$(BUILD)/tests/%.o: folder_cppflags := -Isrc -Isrc/daemon -Isrc/ctl -Itests/exchange -Itests/report
$(BUILD)/tests/%.o: test_cppflags := -DTEST_DATA='"$(TEST_DATA)"' -DBUILD='"$(BUILD)"'
$(BUILD)/%.o: %.c | $(deps_first)
	$(Q)mkdir -p $(@D)
	$(call short,CC,$<)$(CC) $(cppflags) $(cflags) -MMD -MP -c -o $@ $<

# SQL and the like become C strings, so that each has one home and its own editor mode.
sql_headers := $(patsubst src/daemon/store/%,$(BUILD)/gen/%.h,$(wildcard src/daemon/store/schema*.sql))
$(BUILD)/src/daemon/store/schema.o $(addprefix $(BUILD)/tests/unit/test-store-,beats.o clock.o every-fault.o file.o kind.o life.o pace.o recount.o views.o): $(sql_headers)
$(BUILD)/gen/%.h: src/daemon/store/%
	$(Q)mkdir -p $(@D)
	$(call short,GEN,$@)sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $< >$@

# The same of what is in every page of src/report, and the hashes by which a browser allows it.
page_parts := $(addprefix $(BUILD)/gen/page.,css.h js.h css.hash.h js.hash.h)
$(BUILD)/src/report/page.o: $(page_parts)
$(BUILD)/gen/page.%.hash.h: src/report/page.%
	$(Q)mkdir -p $(@D)
	$(call short,GEN,$@)env printf "$$(sha256sum <$< | sed 's/ .*//; s/../\\x&/g')" | base64 | sed 's/.*/"&"/' >$@
$(BUILD)/gen/page.%.h: src/report/page.%
	$(Q)mkdir -p $(@D)
	$(call short,GEN,$@)sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $< >$@

# In $(BUILD)/vm and $(BUILD)/deb are folders with such names.
-include $(shell find $(BUILD) \( -path $(BUILD)/vm -o -path $(BUILD)/deb \) -prune -o -name '*.d' -print 2>/dev/null)

# -- Try it, test it -----------------------------------------------------------------------------------------------

demo: all $(standins) ## a run that becomes too fast, on a private bus, without hardware
	$(Q)BUILD=$(BUILD) TEST_DATA=$(TEST_DATA) tests/demo

# Those of the bench are only built here: nothing that is timed is a test. The fuzz targets are compiled, not linked: that
# takes clang.
tests: all $(standins) $(shims) $(run_makers) $(unit_tests) $(bus_tests) $(bench_programs) $(call objects,$(wildcard tests/fuzz/*.c))

# Those that take twenty seconds and more are begun first, so that none of them is waited for in the end.
long_tests := $(addprefix $(BUILD)/tests/unit/test-store-,every-fault faults life) \
              $(addprefix $(BUILD)/tests/bus/test-,load watch notify-server watch-keys notify-audio ctl-setup trouble bluez-late recording bridge-sending) \
              $(filter %-install %-demo %-core-purity,$(script_tests)) $(addprefix $(BUILD)/tests/unit/test-,chaos replay-streams store-spill)

check: tests ## all tests; closes with "N passed, N failed"
	$(Q)BUILD=$(BUILD) TEST_DATA=$(TEST_DATA) tests/run $(long_tests) \
	        $(filter-out $(long_tests),$(bus_tests) $(script_tests) $(unit_tests))

# Those of REPLAY, else all.
update-replay: $(replay_test) ## write into the files of tests/replay what comes of them now; look at the difference
	$(replay_test) --update $(REPLAY)

# CARDIO_SEED: those of an earlier run.
check-death: all $(standins) $(BUILD)/tests/bus/test-death ## kill -9 at 200 random moments of a run
	$(Q)BUILD=$(BUILD) TEST_DATA=$(TEST_DATA) CARDIO_DEATHS=200 TEST_TIMEOUT=900 TEST_VERBOSE=1 \
	        tests/run $(BUILD)/tests/bus/test-death

check-export-death: all $(standins) $(shims) $(BUILD)/tests/bus/test-export-death ## kill -9 at 200 random moments of export --follow
	$(Q)BUILD=$(BUILD) TEST_DATA=$(TEST_DATA) CARDIO_DEATHS=200 TEST_TIMEOUT=900 TEST_VERBOSE=1 \
	        tests/run $(BUILD)/tests/bus/test-export-death

check-bridge-death: all $(standins) $(shims) $(BUILD)/tests/bus/test-bridge-death ## kill -9 at 200 random moments of cardio-bridge, broker and daemon
	$(Q)BUILD=$(BUILD) TEST_DATA=$(TEST_DATA) CARDIO_DEATHS=200 TEST_TIMEOUT=900 TEST_VERBOSE=1 \
	        tests/run $(BUILD)/tests/bus/test-bridge-death

# Of what is tried at each of hundreds of moments, or of as many made runs, a part. The scripts that are about the tree and not
# the programs find nothing more here.
check-asan: | $(deps_first) ## all tests with AddressSanitizer and UndefinedBehaviorSanitizer
	+CHAOS_HOURS=$${CHAOS_HOURS:-200} FAULTS_EVERY=$${FAULTS_EVERY:-6} LIVES_EVERY=$${LIVES_EVERY:-3} REPLAY_EVERY=$${REPLAY_EVERY:-3} \
	        $(MAKE) BUILD=build-asan SANITIZE=1 check

# What the store's thread shares with the event loop: its own tests, and the daemon that records, syncs and deletes. SQLite
# itself, which is not built for it, is taken as it is.
TSAN_TESTS ?= $(addprefix $(BUILD)/tests/unit/test-store-,sync wal moved) $(BUILD)/tests/unit/test-store \
              $(BUILD)/tests/bus/test-storage
check-tsan-here: $(BUILD)/cardiod $(BUILD)/cardioctl $(BUILD)/bluez-standin $(shims) $(TSAN_TESTS)
	$(Q)BUILD=$(BUILD) TEST_DATA=$(TEST_DATA) tests/run $(TSAN_TESTS)

check-tsan: | $(deps_first) ## the tests of what threads share, with ThreadSanitizer
	+$(MAKE) BUILD=build-tsan SANITIZE=thread check-tsan-here

# Of the bus tests those that take each program once through its life; all of them: VALGRIND_TESTS='$(bus_tests)'. Of the
# unit tests not those that open a database hundreds of times or go through thousands of made files, which takes minutes
# there: the sanitizers have them. Nor those whose processes may not do what valgrind does in them, or end while a thread of
# their parent has memory. The longest come first.
VALGRIND_TESTS ?= $(addprefix $(BUILD)/tests/bus/test-,api recording bluez-values bluez-nonsense ctl-live ctl-json notify bridge)
valgrind_units := $(filter-out $(addprefix $(BUILD)/tests/unit/test-,$(addprefix store-,clock edit every-fault faults file import life spill) \
                  $(addprefix exchange-,figure random read-fit-damage read-hostile-xml) bridge-publisher coach-year ctl-import ctl-import-read \
                  $(addprefix report-,run trend)),$(unit_tests))
check-valgrind: tests ## the unit tests, and runs of each program, under valgrind
	$(Q)BUILD=$(BUILD) TEST_DATA=$(TEST_DATA) tests/run --valgrind $(replay_test) $(VALGRIND_TESTS) \
	        $(filter-out $(replay_test),$(valgrind_units))

# CHAOS_SEED=N is the walk again that has failed.
check-chaos: tests ## random walks: CHAOS_MINUTES (5) of the real daemon, CHAOS_HOURS (5000) of simulated life of the core
	$(Q)seed=$${CHAOS_SEED:-$$(date +%s)}; echo "CHAOS_SEED=$$seed"; \
	CHAOS_SEED=$$seed CHAOS_HOURS=$${CHAOS_HOURS:-5000} CHAOS_SECONDS=$$(( $${CHAOS_MINUTES:-5} * 60 )) \
	TEST_TIMEOUT=$$(( $${CHAOS_MINUTES:-5} * 60 + 1800 )) BUILD=$(BUILD) TEST_DATA=$(TEST_DATA) \
	tests/run $(BUILD)/tests/unit/test-chaos $(BUILD)/tests/bus/test-chaos

bench-load: tests ## how the daemon bears 64 straps, 2,000 notifications a second and bad clients; tells figures
	$(Q)BUILD=$(BUILD) TEST_DATA=$(TEST_DATA) LOAD_SECONDS=$${LOAD_SECONDS:-30} $(BUILD)/tests/bus/test-load

# Where nothing has changed they come out the same.
pictures: all $(standins) $(shims) $(BUILD)/bench/history ## the pictures of the README, from the real programs; look at the difference
	$(Q)BUILD=$(BUILD) tests/pictures/pictures

deps-pictures: ## install what pictures needs
	@tests/deps $(DEPS) $(PICTURES_DEPS)

lint: $(sql_headers) $(page_parts) | $(deps_first) ## cppcheck, clang-format, clang-tidy, shellcheck; Python, man pages, XML, units, desktop files
	$(Q)BUILD=$(BUILD) tests/lint

# With the tests in the same command it brings what they need, too.
deps: ## install what building and the demo need (on Debian and what is made from it)
	@tests/deps $(DEPS) $(if $(filter tests check check-asan check-bridge-death check-chaos check-death check-export-death check-tsan check-valgrind,$(MAKECMDGOALS)),$(CHECK_DEPS))

deps-check: ## install what the tests need
	@tests/deps $(DEPS) $(CHECK_DEPS)

# VM_PACKAGE=1: from the Debian packages of what is committed, instead of by install.
check-vm: $(BUILD)/vm/overlay ## cardiod as installed, with a real bluetoothd and systemd, in a virtual machine
	$(Q)BUILD=$(BUILD) VM_PACKAGE=$(VM_PACKAGE) tests/vm/check

VM_CUTS ?= 20
check-power: $(BUILD)/vm/overlay ## cut the virtual machine's power in the middle of a run, VM_CUTS times (20 minutes)
	$(Q)BUILD=$(BUILD) VM_CUTS=$(VM_CUTS) tests/vm/check fresh_install first_contact power_cut

$(BUILD)/vm/overlay: all $(vm_programs) $(if $(VM_PACKAGE),deb,$(if $(wildcard $(BUILD)/vm/overlay/vm/packages),ask-here))
	rm -rf $(BUILD)/vm/overlay
ifdef VM_PACKAGE
	install -D -m 644 -t $(BUILD)/vm/overlay/vm/packages $(BUILD)/deb/cardiod_*.deb $(BUILD)/deb/cardiod-desktop_*.deb \
	        $(BUILD)/deb/cardiod-bridge_*.deb
else
	+$(MAKE) -s install DESTDIR=$(BUILD)/vm/overlay PREFIX=/usr
endif

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

bench-brokers: all $(standins) $(bench_programs) ## two hundred bridges at one broker, into the same (10 minutes)
	$(Q)BUILD=$(BUILD) tests/bench/bench --brokers

deps-bench: ## install what bench needs
	@tests/deps $(DEPS) $(BENCH_DEPS)

# -- Install -------------------------------------------------------------------------------------------------------

examples         := conf/cardiod.conf conf/notify.conf conf/bridge.conf $(wildcard conf/examples/*)
example_programs := conf/examples/mqtt-to-postgresql

# The icon in a folder with a size in its name, too: mako looks for none in others.
install: all ## install to $(DESTDIR)$(PREFIX); an edited configuration is kept
	install -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(SYSCONFDIR)/cardiod'
	install -m 755 $(programs) '$(DESTDIR)$(BINDIR)'
	test -e '$(DESTDIR)$(SYSCONFDIR)/cardiod/cardiod.conf' || \
	        install -m 644 conf/cardiod.conf '$(DESTDIR)$(SYSCONFDIR)/cardiod/cardiod.conf'
	install -D -m 644 $(BUILD)/cardioctl.bash '$(DESTDIR)$(BASHDIR)/cardioctl'
	install -D -m 644 $(BUILD)/cardioctl.zsh '$(DESTDIR)$(ZSHDIR)/_cardioctl'
	install -D -m 644 $(BUILD)/cardioctl.fish '$(DESTDIR)$(FISHDIR)/cardioctl.fish'
	install -D -m 644 conf/org.cardiod1.conf '$(DESTDIR)$(DBUSPOLICYDIR)/org.cardiod1.conf'
	install -D -m 644 conf/org.cardiod1-bridge.conf '$(DESTDIR)$(DBUSPOLICYDIR)/org.cardiod1-bridge.conf'
	install -D -m 644 conf/org.cardiod1.xml '$(DESTDIR)$(DBUSDATADIR)/interfaces/org.cardiod1.xml'
	install -D -m 644 conf/org.cardiod.Cardio.svg '$(DESTDIR)$(ICONDIR)/hicolor/scalable/apps/org.cardiod.Cardio.svg'
	install -D -m 644 conf/org.cardiod.Cardio.svg '$(DESTDIR)$(ICONDIR)/hicolor/48x48/apps/org.cardiod.Cardio.svg'
	install -D -m 644 conf/org.cardiod.Cardio-symbolic.svg \
	        '$(DESTDIR)$(ICONDIR)/hicolor/symbolic/apps/org.cardiod.Cardio-symbolic.svg'
	install -d '$(DESTDIR)$(DESKTOPDIR)'
	sed 's,@BINDIR@,$(BINDIR),' conf/org.cardiod.Cardio.desktop >'$(DESTDIR)$(DESKTOPDIR)/org.cardiod.Cardio.desktop'
	chmod 644 '$(DESTDIR)$(DESKTOPDIR)/org.cardiod.Cardio.desktop'
	install -D -m 644 conf/org.cardiod.Cardio.metainfo.xml '$(DESTDIR)$(METAINFODIR)/org.cardiod.Cardio.metainfo.xml'
	install -d '$(DESTDIR)$(DOCDIR)/examples'
	install -m 644 README.md CHANGELOG.md '$(DESTDIR)$(DOCDIR)'
	install -m 644 $(filter-out $(example_programs),$(examples)) '$(DESTDIR)$(DOCDIR)/examples'
	install -m 755 $(example_programs) '$(DESTDIR)$(DOCDIR)/examples'
	install -D -m 644 systemd/cardiod.sysusers '$(DESTDIR)$(SYSUSERSDIR)/cardiod.conf'
	install -D -m 644 systemd/cardio-bridge.sysusers '$(DESTDIR)$(SYSUSERSDIR)/cardio-bridge.conf'
	install -D -m 644 systemd/cardiod.tmpfiles '$(DESTDIR)$(TMPFILESDIR)/cardiod.conf'
	install -D -m 644 systemd/cardiod.catalog '$(DESTDIR)$(CATALOGDIR)/cardiod.catalog'
	install -d '$(DESTDIR)$(UNITDIR)' '$(DESTDIR)$(USERUNITDIR)'
	for unit in systemd/*.service; do sed 's,@BINDIR@,$(BINDIR),' "$$unit" >'$(DESTDIR)$(UNITDIR)'/"$${unit##*/}" || exit 1; done
	for unit in systemd/user/*.service; do \
	        sed 's,@BINDIR@,$(BINDIR),' "$$unit" >'$(DESTDIR)$(USERUNITDIR)'/"$${unit##*/}" || exit 1; done
	chmod 644 '$(DESTDIR)$(UNITDIR)'/cardio*.service '$(DESTDIR)$(USERUNITDIR)'/cardio*.service
	for page in man/*.[1-8]; do \
	        install -D -m 644 "$$page" '$(DESTDIR)$(MANDIR)'/man"$${page##*.}/$${page##*/}" || exit 1; done

# What install has put there, with the same folders given. Who has edited the configuration keeps it; what has been recorded is
# nothing that was installed.
uninstall: ## remove what install has installed, but an edited configuration
	rm -f $(patsubst $(BUILD)/%,'$(DESTDIR)$(BINDIR)/%',$(programs))
	! cmp -s conf/cardiod.conf '$(DESTDIR)$(SYSCONFDIR)/cardiod/cardiod.conf' || \
	        rm -f '$(DESTDIR)$(SYSCONFDIR)/cardiod/cardiod.conf'
	rm -f '$(DESTDIR)$(BASHDIR)/cardioctl' '$(DESTDIR)$(ZSHDIR)/_cardioctl' '$(DESTDIR)$(FISHDIR)/cardioctl.fish' \
	      '$(DESTDIR)$(DBUSPOLICYDIR)/org.cardiod1.conf' '$(DESTDIR)$(DBUSPOLICYDIR)/org.cardiod1-bridge.conf' \
	      '$(DESTDIR)$(DBUSDATADIR)/interfaces/org.cardiod1.xml' \
	      '$(DESTDIR)$(ICONDIR)/hicolor'/*/apps/org.cardiod.Cardio.svg \
	      '$(DESTDIR)$(ICONDIR)/hicolor/symbolic/apps/org.cardiod.Cardio-symbolic.svg' \
	      '$(DESTDIR)$(DESKTOPDIR)/org.cardiod.Cardio.desktop' '$(DESTDIR)$(METAINFODIR)/org.cardiod.Cardio.metainfo.xml' \
	      '$(DESTDIR)$(SYSUSERSDIR)/cardiod.conf' '$(DESTDIR)$(SYSUSERSDIR)/cardio-bridge.conf' \
	      '$(DESTDIR)$(TMPFILESDIR)/cardiod.conf' \
	      '$(DESTDIR)$(CATALOGDIR)/cardiod.catalog' '$(DESTDIR)$(DOCDIR)/README.md' '$(DESTDIR)$(DOCDIR)/CHANGELOG.md'
	for unit in systemd/*.service; do rm -f '$(DESTDIR)$(UNITDIR)'/"$${unit##*/}" || exit 1; done
	for unit in systemd/user/*.service; do rm -f '$(DESTDIR)$(USERUNITDIR)'/"$${unit##*/}" || exit 1; done
	for page in man/*.[1-8]; do rm -f '$(DESTDIR)$(MANDIR)'/man"$${page##*.}/$${page##*/}" || exit 1; done
	rm -f $(patsubst %,'$(DESTDIR)$(DOCDIR)/examples/%',$(notdir $(examples)))
	for folder in '$(DESTDIR)$(DOCDIR)/examples' '$(DESTDIR)$(DOCDIR)' '$(DESTDIR)$(SYSCONFDIR)/cardiod'; do \
	        ! test -d "$$folder" || rmdir --ignore-fail-on-non-empty "$$folder" || exit 1; done

# -- Release -------------------------------------------------------------------------------------------------------

# Of what is committed, and the same bytes whoever makes it and where. A tag has no part in it, but must not say otherwise.
dist: ## $(BUILD)/cardiod-VERSION.tar.gz, of what is committed
	$(Q)mkdir -p $(BUILD)
	$(Q)version=$$(git show HEAD:./Makefile | sed -n 's/^VERSION *:= *//p') && test -n "$$version" || exit 1; \
	for tag in $$(git tag --points-at HEAD 'v[0-9]*'); do \
	        test "$$tag" = "v$$version" || { echo "dist: the tag is $$tag, the Makefile says $$version" >&2; exit 1; }; done; \
	git diff --quiet HEAD || echo 'dist: what is not committed is not in it' >&2; \
	git -c core.autocrlf=false -c tar.umask=0022 archive --prefix="cardiod-$$version/" -o "$(BUILD)/cardiod-$$version.tar" HEAD && \
	gzip -9nf "$(BUILD)/cardiod-$$version.tar" && echo "$(BUILD)/cardiod-$$version.tar.gz"

check-reproducible: dist ## build the tarball twice, where nothing is the same, and compare all that comes of it
	$(Q)tests/reproducible $(BUILD)/cardiod-$(VERSION).tar.gz

deb: dist ## Debian packages of what is committed, in $(BUILD)/deb
	$(Q)packaging/deb $(BUILD)/cardiod-$(VERSION).tar.gz $(BUILD)/deb

deps-deb: ## install what deb needs
	@tests/deps $(DEPS) $(DEB_DEPS)

check-package: ## the Debian packages built, installed, upgraded, removed and purged in bare systems (30 minutes; as root)
	$(Q)PACKAGE=1 BUILD=$(BUILD) tests/distro $(or $(DISTROS),bookworm trixie sid)

clean: ## remove everything built
	rm -rf build build-*

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | awk -F'\t' '{ printf "  %-16s %s\n", $$1, $$2 }'

.PHONY: all bench bench-brokers bench-load bench-settings check check-asan check-bridge-death check-chaos check-death check-distro check-export-death check-fuzz check-package check-power check-reproducible \
        check-tsan check-tsan-here check-valgrind check-vm clean deb demo deps deps-bench deps-check deps-deb deps-distro deps-fuzz deps-lint deps-pictures \
        deps-vm dist fuzz fuzz-coverage help install lint pictures tests uninstall update-replay
.DELETE_ON_ERROR:
.SECONDARY:
