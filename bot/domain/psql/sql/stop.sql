DO $stop$
BEGIN
  IF current_setting('pgbot.problem') <> '' THEN
    RAISE EXCEPTION '%', current_setting('pgbot.problem');
  END IF;
END
$stop$;
