-- SPDX-License-Identifier: MIT
-- Finished sessions of any number of machines in PostgreSQL (13 or newer), as cardio-bridge publishes them. Once:
--
--      createdb runs && psql -d runs -f postgresql.sql
--
-- mqtt-to-postgresql, beside this file, brings them from the broker. A session that comes again, with the same figures, changes
-- nothing; with others, it replaces what was there. Sessions are told apart by (device, id): a machine whose database has
-- begun anew wants another name for its device in bridge.conf, since its sessions are numbered from 1 again.

CREATE TABLE IF NOT EXISTS cardiod_session (
        device text NOT NULL,
        id bigint NOT NULL,
        -- of the machine that recorded it
        date date NOT NULL,
        start time NOT NULL,
        kind text,
        duration_s integer,
        over_s integer,
        avg_bpm double precision,
        peak_bpm double precision,
        ceiling double precision,
        breaches integer,
        easy_percent double precision,
        trimp double precision,
        distance_km double precision,
        talk_test text,
        rpe integer,
        note text,
        session jsonb NOT NULL, -- all of it
        received timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (device, id)
);

COMMENT ON TABLE cardiod_session IS 'Health data: sessions of cardiod, by the machine that recorded them';

-- Takes JSON documents, one a line, and returns what is wrong with those that it leaves out. Anything else that goes wrong is an
-- error, after which nothing of the call is kept, and it may be called again.
CREATE OR REPLACE FUNCTION cardiod_put_sessions(lines text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
        line text;
        s jsonb;
BEGIN
        FOR line IN SELECT regexp_split_to_table(lines, E'\n') LOOP
                CONTINUE WHEN line = '';
                BEGIN
                        s := line::jsonb;
                        INSERT INTO cardiod_session AS old (device, id, date, start, kind, duration_s, over_s, avg_bpm, peak_bpm,
                                        ceiling, breaches, easy_percent, trimp, distance_km, talk_test, rpe, note, session)
                        VALUES (s->>'device', (s->>'id')::bigint, (s->>'date')::date, (s->>'start')::time, s->>'kind',
                                (s->>'duration_s')::integer, (s->>'over_s')::integer, (s->>'avg_bpm')::double precision,
                                (s->>'peak_bpm')::double precision, (s->>'ceiling')::double precision,
                                (s->>'breaches')::integer, (s->>'easy_percent')::double precision,
                                (s->>'trimp')::double precision, (s->>'distance_km')::double precision, s->>'talk_test',
                                (s->>'rpe')::integer, s->>'note', s)
                        ON CONFLICT (device, id) DO UPDATE SET
                                date = excluded.date, start = excluded.start, kind = excluded.kind,
                                duration_s = excluded.duration_s, over_s = excluded.over_s, avg_bpm = excluded.avg_bpm,
                                peak_bpm = excluded.peak_bpm, ceiling = excluded.ceiling, breaches = excluded.breaches,
                                easy_percent = excluded.easy_percent, trimp = excluded.trimp,
                                distance_km = excluded.distance_km, talk_test = excluded.talk_test, rpe = excluded.rpe,
                                note = excluded.note, session = excluded.session, received = excluded.received
                        WHERE old.session IS DISTINCT FROM excluded.session;
                EXCEPTION
                        -- What it says has no heart rates in it, but perhaps a word of whoever sent it.
                        WHEN data_exception OR not_null_violation OR invalid_parameter_value THEN
                                RETURN NEXT 'left out, as it is no session: ' || left(regexp_replace(SQLERRM, '[^ -~]', '?', 'g'), 200);
                END;
        END LOOP;
END
$$;

-- By week, begun on Monday, and by machine.
CREATE OR REPLACE VIEW cardiod_week AS
        SELECT date_trunc('week', date)::date AS week, device, count(*) AS sessions,
               make_interval(secs => sum(duration_s)) AS duration, round(sum(trimp)::numeric, 1) AS trimp,
               sum(distance_km) AS distance_km
          FROM cardiod_session
         GROUP BY 1, 2;
