-- a copy of the database must not be able to reach any service
DELETE FROM service_credential;
DELETE FROM service_oauth_state;
UPDATE service_connect_wizard
   SET payload = NULL;
UPDATE service_connection
   SET state = 'disconnected',
       environment = 'test',
       test_base_url = NULL,
       webhook_token = NULL,
       date_next_sync = NULL;
UPDATE service_webhook_event
   SET state = 'ignored',
       date_next_try = NULL
 WHERE state IN ('new', 'failed');
UPDATE service_sync_run
   SET state = 'failed'
 WHERE state = 'running';
