-- What the check asks the store.

-- schema_number () -> one (number int)
SELECT max(m.number) AS number FROM public.migration m;
