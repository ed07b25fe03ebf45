/* SPDX-License-Identifier: MIT */
/* Completions for three shells from one table. The fixed text is here; what depends on the verbs is inserted. Words of the
 * table are letters, digits and a few characters that are special in no shell; texts for people are quoted. No clock. */
#include "completions.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"

typedef void (*VerbFunc)(const Verb *verb);

static void for_each_verb(VerbFunc func)
{
        const Family *family;

        for (size_t i = 0; (family = family_at(i)); i++)
                for (const Verb *verb = family->verbs; verb->name; verb++)
                        func(verb);
}

/* What cardioctl is called with to list the choices, NULL if there is nothing to list. */
static const char *source_name(Source source)
{
        switch (source) {
        case SOURCE_SESSION:
                return "sessions";
        case SOURCE_SENSOR:
                return "straps";
        case SOURCE_RACE:
                return "races";
        case SOURCE_MORNING:
                return "mornings";
        case SOURCE_NONE:
        case SOURCE_FILE:
        case _SOURCE_MAX:
        case _SOURCE_INVALID:
                break;
        }
        return NULL;
}

static bool offers_something(const Offer *offer)
{
        return offer->words || offer->source != SOURCE_NONE;
}

/* Whether a common option is one that not every verb takes. */
static bool is_partial(const Option *o)
{
        return strcmp(o->name, "json") == 0 || strcmp(o->name, "database") == 0;
}

/* In single quotes. zsh: characters that are special to _arguments and _describe are escaped, too. */
static void print_quoted(const char *text, bool zsh)
{
        putchar('\'');
        for (; *text; text++) {
                if (*text == '\'')
                        fputs("'\\''", stdout);
                else if (zsh && strchr(":[]\\", *text))
                        printf("\\%c", *text);
                else
                        putchar(*text);
        }
        putchar('\'');
}

static void print_name(const Verb *verb)
{
        printf(" %s", verb->name);
}

/* -- bash ------------------------------------------------------------------------------------------------ */

static const char bash_head[] =
                "# bash completion of cardioctl, printed by `cardioctl completions bash`\n"
                "\n"
                "# _cardioctl_table KEY: sets what may stand there. A key is VERB/NUMBER for an argument,\n"
                "# VERB/--OPTION for that of an option, and VERB/ for the options and which of them take one.\n"
                "_cardioctl_table() {\n"
                "        words='' source='' taking=''\n"
                "        case $1 in\n";

static const char bash_tail[] =
                "        esac\n"
                "}\n"
                "\n"
                "_cardioctl() {\n"
                "        local words source taking verb='' option='' number=0 current word cut i\n"
                "        local -a line=() asked=() common=()\n"
                "\n"
                "        # bash breaks words at = and :, as in addresses; here they are whole.\n"
                "        for ((i = 0; i <= COMP_CWORD; i++)); do\n"
                "                word=${COMP_WORDS[i]}\n"
                "                if ((i > 0)) && [[ $word == [:=]* || ${COMP_WORDS[i - 1]} == [:=] ]]; then\n"
                "                        line[${#line[@]}-1]+=$word\n"
                "                else\n"
                "                        line+=(\"$word\")\n"
                "                fi\n"
                "        done\n"
                "        current=${line[${#line[@]}-1]}\n"
                "\n"
                "        _cardioctl_table /\n"
                "        for word in \"${line[@]:1:${#line[@]}-2}\"; do\n"
                "                if [[ $option ]]; then\n"
                "                        [[ $option == --database ]] && common+=(\"$word\")\n"
                "                        option=''\n"
                "                elif [[ $word == --user || $word == --database=* ]]; then\n"
                "                        common+=(\"$word\")\n"
                "                elif [[ $word == -* ]]; then\n"
                "                        [[ $taking == *\" $word \"* ]] && option=$word\n"
                "                        [[ $word == --database ]] && common+=(\"$word\")\n"
                "                elif [[ ! $verb ]]; then\n"
                "                        verb=$word\n"
                "                        _cardioctl_table \"$verb/\"\n"
                "                else\n"
                "                        number=$((number + 1))\n"
                "                fi\n"
                "        done\n"
                "\n"
                "        cut=$current\n"
                "        if [[ ! $option && $current == --*=* ]]; then\n"
                "                option=${current%%=*}\n"
                "                current=${current#*=}\n"
                "        fi\n"
                "        if [[ ! $option && $current == -* ]]; then\n"
                "                _cardioctl_table \"$verb/\"\n"
                "        elif [[ $option == --database ]]; then\n"
                "                words='' source=files\n"
                "        elif [[ $option ]]; then\n"
                "                _cardioctl_table \"$verb/$option\"\n"
                "        elif [[ $verb ]]; then\n"
                "                _cardioctl_table \"$verb/$number\"\n"
                "        else\n"
                "                _cardioctl_table verb\n"
                "        fi\n"
                "\n"
                "        if [[ $source == files ]]; then\n"
                "                compopt -o filenames 2>/dev/null\n"
                "                mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\"; compgen -f -- \"$current\")\n"
                "                return\n"
                "        fi\n"
                "        if [[ $source ]]; then\n"
                "                mapfile -t asked < <(cardioctl \"${common[@]}\" completions \"$source\" "
                "2>/dev/null | cut -f 1)\n"
                "        fi\n"
                "        mapfile -t COMPREPLY < <(compgen -W \"$words ${asked[*]}\" -- \"$current\")\n"
                "        # Only what is behind the last break is put in.\n"
                "        cut=${current%\"${current##*[:=]}\"}\n"
                "        COMPREPLY=(\"${COMPREPLY[@]#\"$cut\"}\")\n"
                "}\n"
                "\n"
                "complete -F _cardioctl cardioctl\n";

static void bash_print_options(const Verb *verb, bool taking)
{
        const Option *lists[] = { verb ? verb->options : NULL, common_options };

        for (size_t i = 0; i < ELEMENTSOF(lists); i++)
                for (const Option *o = lists[i]; o && o->name; o++) {
                        if (taking && !o->argument)
                                continue;
                        if (lists[i] == common_options && verb && !verb_takes_common(verb, o))
                                continue;
                        printf("%s--%s", taking ? "" : " ", o->name);
                        if (taking)
                                putchar(' ');
                        if (taking && o->letter)
                                printf("-%c ", o->letter);
                }
}

static void bash_print_offer(const Verb *verb, const char *what, char letter, const Offer *offer)
{
        const char *source = offer->source == SOURCE_FILE ? "files" : source_name(offer->source);

        printf("        %s/%s", verb->name, what);
        if (letter)
                printf(" | %s/-%c", verb->name, letter);
        printf(") words='%s' source=%s ;;\n", offer->words ? offer->words : "", source ? source : "");
}

static void bash_print_verb(const Verb *verb)
{
        printf("        %s/)\n                words='", verb->name);
        bash_print_options(verb, false);
        printf("'\n                taking=' ");
        bash_print_options(verb, true);
        printf("'\n                ;;\n");

        for (size_t i = 0; i < VERB_OFFERS_MAX; i++) {
                char number[16];

                if (!offers_something(&verb->offer[i]))
                        continue;
                (void)snprintf(number, sizeof(number), "%zu", i);
                bash_print_offer(verb, verb->max_arguments < 0 ? "[0-9]*" : number, 0, &verb->offer[i]);
        }
        for (const Option *o = verb->options; o && o->name; o++) {
                char name[64];

                if (!offers_something(&o->offer))
                        continue;
                (void)snprintf(name, sizeof(name), "--%s", o->name);
                bash_print_offer(verb, name, o->letter, &o->offer);
        }
}

void completions_print_bash(void)
{
        fputs(bash_head, stdout);
        printf("        verb | help/0) words='");
        for_each_verb(print_name);
        printf(" help' ;;\n        /)\n                words='");
        bash_print_options(NULL, false);
        printf("'\n                taking=' ");
        bash_print_options(NULL, true);
        printf("'\n                ;;\n");
        for_each_verb(bash_print_verb);
        fputs(bash_tail, stdout);
}

/* -- zsh ------------------------------------------------------------------------------------------------- */

static const char zsh_head[] =
                "#compdef cardioctl\n"
                "# zsh completion of cardioctl, printed by `cardioctl completions zsh`\n"
                "\n"
                "# What this machine has, and further words.\n"
                "_cardioctl_offer() {\n"
                "        local -a rows\n"
                "        rows=(${(f)\"$(_call_program $1 cardioctl $asking completions $1 2>/dev/null)\"})\n"
                "        rows=(${${rows//:/\\\\:}/$'\\t'/:})\n"
                "        rows+=(${@:2})\n"
                "        _describe -V -t $1 $1 rows\n"
                "}\n"
                "\n";

static const char zsh_middle[] =
                "        for ((i = 2; i < CURRENT; i++)); do\n"
                "                case $words[i] in\n"
                "                --user | --database=*) asking+=(${(Q)words[i]}) ;;\n"
                "                --database) asking+=(--database ${(Q)words[i + 1]}) ;;\n"
                "                esac\n"
                "        done\n"
                "        _arguments -C -s -A \"-*\" $common $database $json '1:verb:->verb' '*::argument:->argument' && ret=0\n"
                "        case $state in\n"
                "        verb)\n"
                "                _describe -t verbs verb verbs && ret=0\n"
                "                ;;\n"
                "        argument)\n"
                "                case $words[1] in\n";

static const char zsh_tail[] = "                help)\n"
                               "                        _describe -t verbs verb verbs && ret=0\n"
                               "                        ;;\n"
                               "                esac\n"
                               "                ;;\n"
                               "        esac\n"
                               "        return ret\n"
                               "}\n"
                               "\n"
                               "if [[ $funcstack[1] == _cardioctl ]]; then\n"
                               "        _cardioctl \"$@\"\n"
                               "else\n"
                               "        compdef _cardioctl cardioctl\n"
                               "fi\n";

/* The action of _arguments for an argument. */
static void zsh_print_action(const Offer *offer)
{
        const char *source = source_name(offer->source);

        if (offer->source == SOURCE_FILE)
                printf("_files");
        else if (source)
                printf(" _cardioctl_offer %s %s", source, offer->words ? offer->words : "");
        else if (offer->words)
                printf("(%s)", offer->words);
        else
                putchar(' ');
}

static void zsh_print_option(const Option *o, const char *indent)
{
        if (o->letter)
                printf("%s'(-%c --%s)'{-%c%s,--%s%s}", indent, o->letter, o->name, o->letter,
                                o->argument ? "+" : "", o->name, o->argument ? "=" : "");
        else
                printf("%s--%s%s", indent, o->name, o->argument ? "=" : "");
        putchar('\'');
        putchar('[');
        for (const char *c = o->help; *c; c++)
                if (*c == '\'')
                        fputs("'\\''", stdout);
                else
                        printf("%s%c", strchr(":[]\\", *c) ? "\\" : "", *c);
        putchar(']');
        if (o->argument) {
                printf(":%s:", o->argument);
                zsh_print_action(&o->offer);
        }
        putchar('\'');
}

static void zsh_print_summary(const Verb *verb)
{
        printf("                %s:", verb->name);
        print_quoted(verb->summary, true);
        putchar('\n');
}

static void zsh_print_verb(const Verb *verb)
{
        printf("                %s)\n                        _arguments -s $common", verb->name);
        for (const Option *o = common_options; o->name; o++)
                if (is_partial(o) && verb_takes_common(verb, o))
                        printf(" $%s", o->name);
        for (const Option *o = verb->options; o && o->name; o++)
                zsh_print_option(o, " \\\n                                ");
        for (size_t i = 0; i < VERB_OFFERS_MAX; i++) {
                if (!offers_something(&verb->offer[i]))
                        continue;
                if (verb->max_arguments < 0)
                        printf(" \\\n                                '*:argument:");
                else
                        printf(" \\\n                                '%zu:argument:", i + 1);
                zsh_print_action(&verb->offer[i]);
                putchar('\'');
        }
        printf(" && ret=0\n                        ;;\n");
}

void completions_print_zsh(void)
{
        fputs(zsh_head, stdout);
        printf("_cardioctl() {\n"
               "        local curcontext=$curcontext state state_descr line i ret=1\n"
               "        typeset -A opt_args\n"
               "        local -a asking common database json verbs\n"
               "        common=(");
        for (const Option *o = common_options; o->name; o++)
                if (!is_partial(o))
                        zsh_print_option(o, "\n                ");
        printf("\n        )\n");
        for (const Option *o = common_options; o->name; o++)
                if (is_partial(o)) {
                        printf("        %s=(", o->name);
                        zsh_print_option(o, "");
                        printf(")\n");
                }
        printf("        verbs=(\n");
        for_each_verb(zsh_print_summary);
        printf("        )\n");
        fputs(zsh_middle, stdout);
        for_each_verb(zsh_print_verb);
        fputs(zsh_tail, stdout);
}

/* -- fish ------------------------------------------------------------------------------------------------ */

static const char fish_middle[] =
                "\n"
                "        for word in (commandline -opc)[2..-1]\n"
                "                if set -q skip[1]\n"
                "                        set -e skip\n"
                "                else if contains -- $word $taking\n"
                "                        set skip 1\n"
                "                else if not string match -q -- '-*' $word\n"
                "                        echo $word\n"
                "                end\n"
                "        end\n"
                "end\n"
                "\n"
                "# __cardioctl_at NUMBER [VERB]: that many of them are there, and that is the first; any number: -1.\n"
                "function __cardioctl_at\n"
                "        set -l words (__cardioctl_words)\n"
                "        test \"$argv[1]\" = -1 -o (count $words) = \"$argv[1]\"\n"
                "        and begin; not set -q argv[2]; or test \"$words[1]\" = \"$argv[2]\"; end\n"
                "end\n"
                "\n"
                "# What this machine has.\n"
                "function __cardioctl_offer\n"
                "        set -l asking\n"
                "        set -l line (commandline -opc)\n"
                "\n"
                "        contains -- --user $line; and set -a asking --user\n"
                "        if set -l at (contains -i -- --database $line); and set -q line[(math $at + 1)]\n"
                "                set -a asking --database $line[(math $at + 1)]\n"
                "        end\n"
                "        set -a asking (string match -- '--database=*' $line)\n"
                "        cardioctl $asking completions $argv 2>/dev/null\n"
                "end\n"
                "\n"
                "complete -c cardioctl -f\n";

static void fish_print_taking(const Option *options)
{
        for (const Option *o = options; o && o->name; o++) {
                if (!o->argument)
                        continue;
                printf(" --%s", o->name);
                if (o->letter)
                        printf(" -%c", o->letter);
        }
}

static void fish_print_taking_of(const Verb *verb)
{
        fish_print_taking(verb->options);
}

static void fish_print_arguments(const Offer *offer)
{
        const char *source = source_name(offer->source);

        if (offer->source == SOURCE_FILE)
                printf(" -F");
        if (!offer->words && !source)
                return;
        printf(" -k -a '%s%s", source ? "(__cardioctl_offer " : "", source ? source : "");
        printf("%s%s%s'", source ? ")" : "", source && offer->words ? " " : "",
                        offer->words ? offer->words : "");
}

static void fish_print_option(const Option *o)
{
        printf(" -l %s", o->name);
        if (o->letter)
                printf(" -s %c", o->letter);
        printf(" -d ");
        print_quoted(o->help, false);
        if (!o->argument)
                return;
        printf(" -r%s", o->offer.source == SOURCE_FILE ? "" : " -f");
        fish_print_arguments(&o->offer);
}

static void fish_print_verb(const Verb *verb)
{
        printf("\ncomplete -c cardioctl -n '__cardioctl_at 0' -a %s -d ", verb->name);
        print_quoted(verb->summary, false);
        printf("\ncomplete -c cardioctl -n '__cardioctl_at 1 help' -a %s\n", verb->name);
        for (const Option *o = verb->options; o && o->name; o++) {
                printf("complete -c cardioctl -n '__cardioctl_at -1 %s'", verb->name);
                fish_print_option(o);
                putchar('\n');
        }
        for (const Option *o = common_options; o->name; o++)
                if (is_partial(o) && verb_takes_common(verb, o)) {
                        printf("complete -c cardioctl -n '__cardioctl_at -1 %s'", verb->name);
                        fish_print_option(o);
                        putchar('\n');
                }
        for (size_t i = 0; i < VERB_OFFERS_MAX; i++) {
                if (!offers_something(&verb->offer[i]))
                        continue;
                printf("complete -c cardioctl -n '__cardioctl_at %d %s'",
                                verb->max_arguments < 0 ? -1 : (int)i + 1, verb->name);
                fish_print_arguments(&verb->offer[i]);
                putchar('\n');
        }
}

void completions_print_fish(void)
{
        printf("# fish completion of cardioctl, printed by `cardioctl completions fish`\n"
               "\n"
               "# The verb and its arguments so far, without options and what belongs to them.\n"
               "function __cardioctl_words\n"
               "        set -l skip\n"
               "        set -l taking");
        fish_print_taking(common_options);
        for_each_verb(fish_print_taking_of);
        fputs(fish_middle, stdout);
        for (const Option *o = common_options; o->name; o++) {
                printf("complete -c cardioctl%s", is_partial(o) ? " -n '__cardioctl_at 0'" : "");
                fish_print_option(o);
                putchar('\n');
        }
        for_each_verb(fish_print_verb);
}
