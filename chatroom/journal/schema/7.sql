-- From here on there may be events of the type "noticed", which older versions cannot read.
SELECT 1;
