EXECUTE pgbot_guards \gset
-- @stop
