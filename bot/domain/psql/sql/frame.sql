PREPARE pgbot_guards AS
WITH
-- @ctes
SELECT set_config('pgbot.problem', coalesce(string_agg(message, E'\n' ORDER BY number), ''), false) AS pgbot_problem
FROM (VALUES
-- @guards
) AS guard (number, applies, message) WHERE applies;

-- Read, and show what is about to be done.
BEGIN TRANSACTION READ ONLY;
-- @check
-- @show
COMMIT;

-- @question

-- Do it.
-- @change
