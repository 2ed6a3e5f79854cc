BEGIN TRANSACTION;
CREATE TABLE floe_check_states (
	"key" TEXT NOT NULL, 
	contract TEXT NOT NULL, 
	server TEXT NOT NULL, 
	check_id TEXT NOT NULL, 
	phase TEXT NOT NULL, 
	last_outcome TEXT NOT NULL, 
	last_at DATETIME NOT NULL, 
	streak INTEGER NOT NULL, 
	streak_since DATETIME, 
	breaches TEXT NOT NULL, 
	segment_start DATETIME, 
	PRIMARY KEY ("key")
);
INSERT INTO "floe_check_states" VALUES('orders
prod
orders.column_0.not_null','orders','prod','orders.column_0.not_null','open','bf6f6e23-9488-5073-8961-3691544ef400','2026-11-20 03:55:00.123456',1,'2026-11-20 03:55:00.123456','["2026-11-20T03:25:00.123456+00:00", "2026-11-20T03:55:00.123456+00:00"]','2026-11-20 03:55:00.123456');
INSERT INTO "floe_check_states" VALUES('orders
prod
orders.column_1.not_null','orders','prod','orders.column_1.not_null','ok','34e3ed42-4826-5cc7-ab50-7c119ce0c180','2026-11-20 03:55:00.123456',0,NULL,'[]','2026-11-20 03:55:00.123456');
INSERT INTO "floe_check_states" VALUES('orders
prod
orders.column_2.not_null','orders','prod','orders.column_2.not_null','open','37f982e1-df2d-539b-bc1d-c4555b007ad1','2026-11-20 03:55:00.123456',2,'2026-11-20 03:40:00.123456','["2026-11-20T03:40:00.123456+00:00"]','2026-11-20 03:40:00.123456');
CREATE TABLE floe_contracts (
	id TEXT NOT NULL, 
	version TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	source TEXT NOT NULL, 
	first_seen DATETIME NOT NULL, 
	last_seen DATETIME NOT NULL, 
	active BOOLEAN NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "floe_contracts" VALUES('orders','1.0.0','dddddddd','orders.odcs.yaml','2026-11-20 03:10:00.123456','2026-11-20 03:10:00.123456',1);
INSERT INTO "floe_contracts" VALUES('payments','1.0.0','dddddddd','payments.odcs.yaml','2026-11-20 03:10:00.123456','2026-11-20 03:10:00.123456',0);
CREATE TABLE floe_deliveries (
	id INTEGER NOT NULL, 
	parcel TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	accepted BOOLEAN NOT NULL, 
	note TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "floe_deliveries" VALUES(1,'alert/c91e0b00-b295-5b5a-b395-d047902d4cf7/1/log','log',1,'2026-11-20 04:10:00.123456',1,'HTTP 202');
INSERT INTO "floe_deliveries" VALUES(2,'alert/c91e0b00-b295-5b5a-b395-d047902d4cf7/1/on_call','on_call',1,'2026-11-20 04:10:00.123456',0,'HTTP 410');
CREATE TABLE floe_episodes (
	id TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	contract TEXT NOT NULL, 
	server TEXT NOT NULL, 
	check_id TEXT NOT NULL, 
	version TEXT NOT NULL, 
	dataset TEXT NOT NULL, 
	element TEXT, 
	kind TEXT NOT NULL, 
	title TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	message TEXT NOT NULL, 
	broken_since DATETIME NOT NULL, 
	opened_at DATETIME NOT NULL, 
	resolved_at DATETIME, 
	sequence INTEGER NOT NULL, 
	broken BOOLEAN NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "floe_episodes" VALUES('c91e0b00-b295-5b5a-b395-d047902d4cf7','orders
prod
orders.column_0.not_null','orders','prod','orders.column_0.not_null','1.0.0','orders','column_0','quality','column_0 is never null','error','column_0 is null in 12 rows; 0 promised','2026-11-20 03:25:00.123456','2026-11-20 03:25:00.123456','2026-11-20 03:40:00.123456',2,1);
INSERT INTO "floe_episodes" VALUES('66536835-9cde-55cc-ac95-918f7b26bb45','orders
prod
orders.column_2.not_null','orders','prod','orders.column_2.not_null','1.0.0','orders','column_2','quality','column_2 is never null','error','column_2 is null in 12 rows; 0 promised','2026-11-20 03:40:00.123456','2026-11-20 03:40:00.123456',NULL,1,1);
INSERT INTO "floe_episodes" VALUES('a410bb81-16ee-509d-9a72-ccf1d8eb7285','orders
prod
orders.column_0.not_null','orders','prod','orders.column_0.not_null','1.0.0','orders','column_0','quality','column_0 is never null','error','column_0 is null in 12 rows; 0 promised','2026-11-20 03:55:00.123456','2026-11-20 03:55:00.123456',NULL,1,1);
CREATE TABLE floe_newest (
	"key" TEXT NOT NULL, 
	contract TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "floe_newest" VALUES('orders
prod
orders.column_0.not_null','orders','bf6f6e23-9488-5073-8961-3691544ef400','2026-11-20 03:55:00.123456');
INSERT INTO "floe_newest" VALUES('orders
prod
orders.column_1.not_null','orders','34e3ed42-4826-5cc7-ab50-7c119ce0c180','2026-11-20 03:55:00.123456');
INSERT INTO "floe_newest" VALUES('orders
prod
orders.column_2.not_null','orders','37f982e1-df2d-539b-bc1d-c4555b007ad1','2026-11-20 03:55:00.123456');
CREATE TABLE floe_outcomes (
	id TEXT NOT NULL, 
	tick TEXT NOT NULL, 
	contract TEXT NOT NULL, 
	server TEXT NOT NULL, 
	check_id TEXT NOT NULL, 
	version TEXT NOT NULL, 
	dataset TEXT NOT NULL, 
	element TEXT, 
	kind TEXT NOT NULL, 
	title TEXT NOT NULL, 
	status TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	broken BOOLEAN NOT NULL, 
	expected TEXT NOT NULL, 
	actual TEXT NOT NULL, 
	message TEXT NOT NULL, 
	path TEXT NOT NULL, 
	source TEXT NOT NULL, 
	line INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	duration_seconds FLOAT NOT NULL, 
	used FLOAT, 
	cause TEXT, 
	dimension TEXT, 
	interpretation TEXT NOT NULL, 
	differences TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "floe_outcomes" VALUES('e47f3edd-b4c1-5d20-af08-5cc2aed01a50','tick-0','orders','prod','orders.column_0.not_null','1.0.0','orders','column_0','quality','column_0 is never null','passed','error',0,'0 rows','0','column_0 is null in 0 rows; 0 promised','schema[0].properties[0]','orders.odcs.yaml',31,'2026-11-20 03:10:00.123456',0.25,NULL,NULL,NULL,'[]','[]');
INSERT INTO "floe_outcomes" VALUES('fce35bcf-0769-57b5-a4e2-28cb087b5336','tick-0','orders','prod','orders.column_1.not_null','1.0.0','orders','column_1','quality','column_1 is never null','passed','error',0,'0 rows','0','column_1 is null in 0 rows; 0 promised','schema[0].properties[1]','orders.odcs.yaml',31,'2026-11-20 03:10:00.123456',0.25,NULL,NULL,NULL,'[]','[]');
INSERT INTO "floe_outcomes" VALUES('d4ee7bb7-7473-5d52-a0d5-4e49d5db1c96','tick-0','orders','prod','orders.column_2.not_null','1.0.0','orders','column_2','quality','column_2 is never null','passed','error',0,'0 rows','0','column_2 is null in 0 rows; 0 promised','schema[0].properties[2]','orders.odcs.yaml',31,'2026-11-20 03:10:00.123456',0.25,NULL,NULL,NULL,'[]','[]');
INSERT INTO "floe_outcomes" VALUES('365db2cc-c73e-57d5-8e54-79aa2db5125a','tick-15','orders','prod','orders.column_0.not_null','1.0.0','orders','column_0','quality','column_0 is never null','failed','error',1,'0 rows','12','column_0 is null in 12 rows; 0 promised','schema[0].properties[0]','orders.odcs.yaml',31,'2026-11-20 03:25:00.123456',0.25,NULL,NULL,NULL,'[]','[]');
INSERT INTO "floe_outcomes" VALUES('3f22adad-1a1b-5b78-8735-60aace09c746','tick-15','orders','prod','orders.column_1.not_null','1.0.0','orders','column_1','quality','column_1 is never null','passed','error',0,'0 rows','0','column_1 is null in 0 rows; 0 promised','schema[0].properties[1]','orders.odcs.yaml',31,'2026-11-20 03:25:00.123456',0.25,NULL,NULL,NULL,'[]','[]');
INSERT INTO "floe_outcomes" VALUES('481b2fe9-e087-59c1-bdf0-1a68613f70b1','tick-15','orders','prod','orders.column_2.not_null','1.0.0','orders','column_2','quality','column_2 is never null','passed','error',0,'0 rows','0','column_2 is null in 0 rows; 0 promised','schema[0].properties[2]','orders.odcs.yaml',31,'2026-11-20 03:25:00.123456',0.25,NULL,NULL,NULL,'[]','[]');
INSERT INTO "floe_outcomes" VALUES('25503b5f-e365-5668-a197-40d09226610e','tick-30','orders','prod','orders.column_0.not_null','1.0.0','orders','column_0','quality','column_0 is never null','passed','error',0,'0 rows','0','column_0 is null in 0 rows; 0 promised','schema[0].properties[0]','orders.odcs.yaml',31,'2026-11-20 03:40:00.123456',0.25,NULL,NULL,NULL,'[]','[]');
INSERT INTO "floe_outcomes" VALUES('2226de65-fd8a-5194-8643-944bcfa0144c','tick-30','orders','prod','orders.column_1.not_null','1.0.0','orders','column_1','quality','column_1 is never null','error','error',0,'0 rows','0','column_1 is null in 0 rows; 0 promised','schema[0].properties[1]','orders.odcs.yaml',31,'2026-11-20 03:40:00.123456',0.25,NULL,'timeout',NULL,'[]','[]');
INSERT INTO "floe_outcomes" VALUES('eff4e5c3-73e3-5bea-9071-6d7c9c38ecd4','tick-30','orders','prod','orders.column_2.not_null','1.0.0','orders','column_2','quality','column_2 is never null','failed','error',1,'0 rows','12','column_2 is null in 12 rows; 0 promised','schema[0].properties[2]','orders.odcs.yaml',31,'2026-11-20 03:40:00.123456',0.25,NULL,NULL,NULL,'[]','[]');
INSERT INTO "floe_outcomes" VALUES('bf6f6e23-9488-5073-8961-3691544ef400','tick-45','orders','prod','orders.column_0.not_null','1.0.0','orders','column_0','quality','column_0 is never null','failed','error',1,'0 rows','12','column_0 is null in 12 rows; 0 promised','schema[0].properties[0]','orders.odcs.yaml',31,'2026-11-20 03:55:00.123456',0.25,NULL,NULL,NULL,'[]','[]');
INSERT INTO "floe_outcomes" VALUES('34e3ed42-4826-5cc7-ab50-7c119ce0c180','tick-45','orders','prod','orders.column_1.not_null','1.0.0','orders','column_1','quality','column_1 is never null','passed','error',0,'0 rows','0','column_1 is null in 0 rows; 0 promised','schema[0].properties[1]','orders.odcs.yaml',31,'2026-11-20 03:55:00.123456',0.25,NULL,NULL,NULL,'[]','[]');
INSERT INTO "floe_outcomes" VALUES('37f982e1-df2d-539b-bc1d-c4555b007ad1','tick-45','orders','prod','orders.column_2.not_null','1.0.0','orders','column_2','quality','column_2 is never null','failed','error',1,'0 rows','12','column_2 is null in 12 rows; 0 promised','schema[0].properties[2]','orders.odcs.yaml',31,'2026-11-20 03:55:00.123456',0.25,NULL,NULL,NULL,'[]','[]');
CREATE TABLE floe_parcels (
	"key" TEXT NOT NULL, 
	topic TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	group_key TEXT NOT NULL, 
	sequence INTEGER NOT NULL, 
	payload TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	not_before DATETIME, 
	about TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	transition TEXT NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	waiting_since DATETIME NOT NULL, 
	available_at DATETIME NOT NULL, 
	lease_token TEXT, 
	lease_until DATETIME, 
	finished_at DATETIME, 
	PRIMARY KEY ("key")
);
INSERT INTO "floe_parcels" VALUES('alert/c91e0b00-b295-5b5a-b395-d047902d4cf7/1/on_call','alert','on_call','c91e0b00-b295-5b5a-b395-d047902d4cf7',1,'{}','2026-11-20 03:25:00.123456',NULL,'orders
prod
orders.column_0.not_null','error','opened','dead','HTTP 410',1,'2026-11-20 03:25:00.123456','2026-11-20 03:25:00.123456',NULL,NULL,'2026-11-20 04:10:00.123456');
INSERT INTO "floe_parcels" VALUES('alert/c91e0b00-b295-5b5a-b395-d047902d4cf7/1/log','alert','log','c91e0b00-b295-5b5a-b395-d047902d4cf7',1,'{}','2026-11-20 03:25:00.123456',NULL,'orders
prod
orders.column_0.not_null','error','opened','sent','',1,'2026-11-20 03:25:00.123456','2026-11-20 03:25:00.123456',NULL,NULL,'2026-11-20 04:10:00.123456');
INSERT INTO "floe_parcels" VALUES('alert/c91e0b00-b295-5b5a-b395-d047902d4cf7/2/on_call','alert','on_call','c91e0b00-b295-5b5a-b395-d047902d4cf7',2,'{}','2026-11-20 03:40:00.123456',NULL,'orders
prod
orders.column_0.not_null','error','resolved','skipped','its opening never reached this channel',0,'2026-11-20 03:40:00.123456','2026-11-20 03:40:00.123456',NULL,NULL,'2026-11-20 04:10:00.123456');
INSERT INTO "floe_parcels" VALUES('alert/c91e0b00-b295-5b5a-b395-d047902d4cf7/2/log','alert','log','c91e0b00-b295-5b5a-b395-d047902d4cf7',2,'{}','2026-11-20 03:40:00.123456',NULL,'orders
prod
orders.column_0.not_null','error','resolved','pending','',0,'2026-11-20 03:40:00.123456','2026-11-20 03:40:00.123456',NULL,NULL,NULL);
INSERT INTO "floe_parcels" VALUES('alert/66536835-9cde-55cc-ac95-918f7b26bb45/1/on_call','alert','on_call','66536835-9cde-55cc-ac95-918f7b26bb45',1,'{}','2026-11-20 03:40:00.123456',NULL,'orders
prod
orders.column_2.not_null','error','opened','pending','',1,'2026-11-20 03:40:00.123456','2026-11-20 03:40:00.123456','39837dc9c9c84ac394dfbc8916bdbaf5','2026-11-20 04:11:00.123456',NULL);
INSERT INTO "floe_parcels" VALUES('alert/66536835-9cde-55cc-ac95-918f7b26bb45/1/log','alert','log','66536835-9cde-55cc-ac95-918f7b26bb45',1,'{}','2026-11-20 03:40:00.123456',NULL,'orders
prod
orders.column_2.not_null','error','opened','pending','',1,'2026-11-20 03:40:00.123456','2026-11-20 03:40:00.123456','39837dc9c9c84ac394dfbc8916bdbaf5','2026-11-20 04:11:00.123456',NULL);
INSERT INTO "floe_parcels" VALUES('alert/a410bb81-16ee-509d-9a72-ccf1d8eb7285/1/on_call','alert','on_call','a410bb81-16ee-509d-9a72-ccf1d8eb7285',1,'{}','2026-11-20 03:55:00.123456',NULL,'orders
prod
orders.column_0.not_null','error','opened','pending','',0,'2026-11-20 03:55:00.123456','2026-11-20 03:55:00.123456',NULL,NULL,NULL);
INSERT INTO "floe_parcels" VALUES('alert/a410bb81-16ee-509d-9a72-ccf1d8eb7285/1/log','alert','log','a410bb81-16ee-509d-9a72-ccf1d8eb7285',1,'{}','2026-11-20 03:55:00.123456',NULL,'orders
prod
orders.column_0.not_null','error','opened','pending','',0,'2026-11-20 03:55:00.123456','2026-11-20 03:55:00.123456',NULL,NULL,NULL);
CREATE TABLE floe_segments (
	"key" TEXT NOT NULL, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME NOT NULL, 
	contract TEXT NOT NULL, 
	server TEXT NOT NULL, 
	check_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	dataset TEXT NOT NULL, 
	health TEXT NOT NULL, 
	CONSTRAINT floe_segments_pkey PRIMARY KEY ("key", started_at)
);
INSERT INTO "floe_segments" VALUES('orders
prod
orders.column_0.not_null','2026-11-20 03:10:00.123456','2026-11-20 03:25:00.123456','orders','prod','orders.column_0.not_null','quality','orders','good');
INSERT INTO "floe_segments" VALUES('orders
prod
orders.column_1.not_null','2026-11-20 03:10:00.123456','2026-11-20 03:40:00.123456','orders','prod','orders.column_1.not_null','quality','orders','good');
INSERT INTO "floe_segments" VALUES('orders
prod
orders.column_2.not_null','2026-11-20 03:10:00.123456','2026-11-20 03:40:00.123456','orders','prod','orders.column_2.not_null','quality','orders','good');
INSERT INTO "floe_segments" VALUES('orders
prod
orders.column_0.not_null','2026-11-20 03:25:00.123456','2026-11-20 03:40:00.123456','orders','prod','orders.column_0.not_null','quality','orders','bad');
INSERT INTO "floe_segments" VALUES('orders
prod
orders.column_0.not_null','2026-11-20 03:40:00.123456','2026-11-20 03:55:00.123456','orders','prod','orders.column_0.not_null','quality','orders','good');
INSERT INTO "floe_segments" VALUES('orders
prod
orders.column_1.not_null','2026-11-20 03:40:00.123456','2026-11-20 03:55:00.123456','orders','prod','orders.column_1.not_null','quality','orders','unknown');
INSERT INTO "floe_segments" VALUES('orders
prod
orders.column_2.not_null','2026-11-20 03:40:00.123456','2026-11-20 03:55:00.123456','orders','prod','orders.column_2.not_null','quality','orders','bad');
INSERT INTO "floe_segments" VALUES('orders
prod
orders.column_0.not_null','2026-11-20 03:55:00.123456','2026-11-20 03:55:00.123456','orders','prod','orders.column_0.not_null','quality','orders','bad');
INSERT INTO "floe_segments" VALUES('orders
prod
orders.column_1.not_null','2026-11-20 03:55:00.123456','2026-11-20 03:55:00.123456','orders','prod','orders.column_1.not_null','quality','orders','good');
CREATE TABLE floe_ticks (
	id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME NOT NULL, 
	outcomes INTEGER NOT NULL, 
	broken INTEGER NOT NULL, 
	unknown INTEGER NOT NULL, 
	transitions INTEGER NOT NULL, 
	parcels INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "floe_ticks" VALUES('tick-0','quality','2026-11-20 03:10:00.123456','2026-11-20 03:10:00.123456',3,0,0,0,0);
INSERT INTO "floe_ticks" VALUES('tick-15','quality','2026-11-20 03:25:00.123456','2026-11-20 03:25:00.123456',3,1,0,1,2);
INSERT INTO "floe_ticks" VALUES('tick-30','quality','2026-11-20 03:40:00.123456','2026-11-20 03:40:00.123456',3,1,1,2,4);
INSERT INTO "floe_ticks" VALUES('tick-45','quality','2026-11-20 03:55:00.123456','2026-11-20 03:55:00.123456',3,2,0,1,2);
CREATE TABLE floe_totals (
	counted TEXT NOT NULL, 
	contract TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	label TEXT NOT NULL, 
	total BIGINT NOT NULL, 
	CONSTRAINT floe_totals_pkey PRIMARY KEY (counted, contract, kind, label)
);
INSERT INTO "floe_totals" VALUES('outcomes','orders','quality','passed',7);
INSERT INTO "floe_totals" VALUES('outcomes','orders','quality','failed',4);
INSERT INTO "floe_totals" VALUES('episodes','orders','quality','error',3);
INSERT INTO "floe_totals" VALUES('outcomes','orders','quality','error',1);
CREATE TABLE floe_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT floe_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "floe_version" VALUES('0001');
CREATE INDEX floe_deliveries_at ON floe_deliveries (at);
CREATE INDEX floe_deliveries_parcel ON floe_deliveries (parcel);
CREATE UNIQUE INDEX floe_episodes_one_open ON floe_episodes ("key") WHERE resolved_at IS NULL;
CREATE INDEX floe_episodes_opened ON floe_episodes (opened_at);
CREATE INDEX floe_episodes_resolved ON floe_episodes (resolved_at);
CREATE INDEX floe_newest_contract ON floe_newest (contract);
CREATE INDEX floe_outcomes_at ON floe_outcomes (at);
CREATE INDEX floe_outcomes_contract_at ON floe_outcomes (contract, at);
CREATE INDEX floe_parcels_about ON floe_parcels (about, created_at);
CREATE INDEX floe_parcels_created ON floe_parcels (created_at);
CREATE INDEX floe_parcels_group ON floe_parcels (group_key, channel, sequence);
CREATE INDEX floe_parcels_waiting ON floe_parcels (topic, state, available_at);
CREATE INDEX floe_segments_ended ON floe_segments (ended_at);
CREATE INDEX floe_ticks_started ON floe_ticks (started_at);
ALTER TABLE floe_check_states ADD COLUMN recent TEXT DEFAULT '[]' NOT NULL;
ALTER TABLE floe_check_states ADD COLUMN turns TEXT DEFAULT '[]' NOT NULL;
ALTER TABLE floe_check_states ADD COLUMN kept_since DATETIME;
ALTER TABLE floe_episodes ADD COLUMN flapping BOOLEAN DEFAULT 0 NOT NULL;
ALTER TABLE floe_episodes ADD COLUMN retired BOOLEAN DEFAULT 0 NOT NULL;
CREATE TABLE floe_contract_versions ( contract TEXT NOT NULL, digest TEXT NOT NULL, version TEXT NOT NULL, text TEXT NOT NULL, first_seen DATETIME NOT NULL, last_seen DATETIME NOT NULL, CONSTRAINT floe_contract_versions_pkey PRIMARY KEY (contract, digest) );
CREATE TABLE floe_periods ( grain TEXT NOT NULL, start_at DATETIME NOT NULL, end_at DATETIME NOT NULL, zone TEXT NOT NULL, contract TEXT NOT NULL, server TEXT NOT NULL, check_id TEXT NOT NULL, kind TEXT NOT NULL, good FLOAT NOT NULL, bad FLOAT NOT NULL, unknown FLOAT NOT NULL, excused FLOAT NOT NULL, passed INTEGER NOT NULL, failed INTEGER NOT NULL, warned INTEGER NOT NULL, error INTEGER NOT NULL, opened INTEGER NOT NULL, worst TEXT NOT NULL, CONSTRAINT floe_periods_pkey PRIMARY KEY (grain, start_at, contract, server, kind, check_id) );
CREATE INDEX floe_periods_contract ON floe_periods (contract, grain, start_at);
CREATE TABLE floe_pauses ( id TEXT NOT NULL, what TEXT NOT NULL, contract TEXT NOT NULL, server TEXT NOT NULL, kind TEXT NOT NULL, check_id TEXT NOT NULL, start_at DATETIME NOT NULL, end_at DATETIME NOT NULL, author TEXT NOT NULL, reason TEXT NOT NULL, declared_at DATETIME NOT NULL, cancelled_at DATETIME, PRIMARY KEY (id) );
CREATE TABLE floe_cursors ( name TEXT NOT NULL, value TEXT NOT NULL, at DATETIME NOT NULL, PRIMARY KEY (name) );
UPDATE floe_version SET version_num='0002' WHERE floe_version.version_num = '0001';
COMMIT;
