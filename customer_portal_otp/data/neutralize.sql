-- A copy of the database must not let anybody in with codes of the original.
DELETE FROM portal_sign_in_challenge;
