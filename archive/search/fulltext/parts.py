"""Long texts in parts, for PostgreSQL to find phrases in them.

A vector knows the first 255 places of a word, and none behind the 16,383rd. A text beyond that is
also kept in parts, which overlap by more words than a question has; where one word is in every
fourth place, in parts so short that it cannot fill them.
"""

from __future__ import annotations

PART, OVERLAP = 1_000, 300
SHORT_PART, SHORT_OVERLAP = 100, 100

TABLE = """
CREATE TABLE IF NOT EXISTS archive_fulltext_part (
    story bigint, part integer, words tsvector NOT NULL, PRIMARY KEY (story, part))"""

_CROWDED = """
CREATE OR REPLACE FUNCTION dastan_crowded(words tsvector) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT EXISTS (SELECT FROM unnest(words) w
        WHERE cardinality(w.positions) >= 255 OR 16383 = ANY(w.positions))
$$"""
_PARTS = f"""
CREATE OR REPLACE FUNCTION dastan_parts(whole tsvector, body text)
RETURNS TABLE (part integer, words tsvector) LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    own text[];
    piece text[];
BEGIN
    part := 0;
    IF length(body) < 500 OR NOT dastan_crowded(whole) THEN
        RETURN;
    END IF;
    own := string_to_array(dastan_fold(body), ' ');
    FOR place IN 1 .. cardinality(own) BY {PART} LOOP
        piece := own[place : place + {PART + OVERLAP - 1}];
        words := to_tsvector('dastan', array_to_string(piece, ' '));
        IF NOT dastan_crowded(words) THEN
            RETURN NEXT;
            part := part + 1;
            CONTINUE;
        END IF;
        FOR inside IN 1 .. cardinality(piece) BY {SHORT_PART} LOOP
            words := to_tsvector('dastan', array_to_string(
                piece[inside : inside + {SHORT_PART + SHORT_OVERLAP - 1}], ' '));
            RETURN NEXT;
            part := part + 1;
        END LOOP;
    END LOOP;
END $$"""
FUNCTIONS = (_CROWDED, _PARTS)

#: SQL for the number of stories whose parts are not theirs, or of no story.
PROBLEMS = """
SELECT count(*) FROM archive_story s JOIN archive_fulltext f ON f.story = s.id
WHERE ARRAY(SELECT (p.part, p.words)::text FROM archive_fulltext_part p
        WHERE p.story = s.id ORDER BY part)
    <> ARRAY(SELECT (p.part, p.words)::text FROM dastan_parts(f.words, s.body) p ORDER BY part)
UNION ALL
SELECT count(DISTINCT story) FROM archive_fulltext_part p
WHERE NOT EXISTS (SELECT FROM archive_story s WHERE s.id = p.story)"""
