
-- Ask. With -v confirm=NAME psql asks nothing.
\if :{?confirm}
\else
\prompt 'Type the name to continue: ' confirm
\endif
SELECT set_config('pgbot.problem',
  CASE WHEN :'confirm' = :'{}' THEN '' ELSE 'That is not the name. Nothing was changed.' END, false)
  AS pgbot_problem \gset
-- @stop
