PRAGMA application_id = 1413562969;
BEGIN TRANSACTION;
CREATE TABLE answer (
        stream_id BIGINT NOT NULL,
        player_id TEXT NOT NULL,
        number INTEGER NOT NULL,
        command_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        code TEXT,
        message TEXT NOT NULL,
        PRIMARY KEY (stream_id, player_id, number),
        UNIQUE (stream_id, player_id, command_id)
    );
INSERT INTO "answer" VALUES(1,'AxDWG7VoSi',1,'c6',9,'illegal_move','''e2e5'' is not a legal move here');
CREATE TABLE event (
        stream_id BIGINT NOT NULL,
        version INTEGER NOT NULL,
        at_ms BIGINT NOT NULL,
        kind TEXT NOT NULL,
        body TEXT NOT NULL,
        player_id TEXT,
        command_id TEXT,
        PRIMARY KEY (stream_id, version)
    );
INSERT INTO "event" VALUES(1,1,1795249900923,'room_opened','{"room_id":"yBovk4pS6E9o","epoch":"prPonb0v","options":{"time":"5+3","variant":"standard","fen":null,"rules":"lichess","on_disconnect":"forfeit","grace_ms":40000,"goodbye_grace_ms":10000,"flicker_ms":500,"linger_ms":1000,"first_move_ms":25000,"idle_ms":1209600000,"lag_compensation":true,"chat":true,"takebacks":true,"draw_offers":true,"rematch":true,"public":true,"spectator_delay_ms":0}}',NULL,NULL);
INSERT INTO "event" VALUES(1,2,1795249900925,'seat_taken','{"color":"white","player_id":"AxDWG7VoSi","token_hash":"d35bd1fc245f3fb47e4483c7cadebb35c216635f64e451be94f42e08cc980480","name":"Anna","is_bot":false,"by_socket":false}',NULL,NULL);
INSERT INTO "event" VALUES(1,3,1795249900943,'seat_taken','{"color":"black","player_id":"51UDpMrvjf","token_hash":"9178b256a4a543e4c02fa0879054e2ebe9965e97b372594f0632b1d5f2fe9c66","name":"Boris","is_bot":false,"by_socket":true}',NULL,NULL);
INSERT INTO "event" VALUES(1,4,1795249900943,'game_started','{"game_id":"wvaq6o3bhXHA","white":"AxDWG7VoSi","black":"51UDpMrvjf","fen":"rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"}',NULL,NULL);
INSERT INTO "event" VALUES(1,5,1795249901245,'chat_said','{"by":"white","room":"player","text":"Good luck \u2014 viel Gl\u00fcck \u265e"}','AxDWG7VoSi','c1');
INSERT INTO "event" VALUES(1,6,1795249901254,'move_played','[1,"w","e2e4","e4",300000,0,0]','AxDWG7VoSi','c2');
INSERT INTO "event" VALUES(1,7,1795249901259,'move_played','[2,"b","e7e5","e5",300000,0,0]','51UDpMrvjf','c3');
INSERT INTO "event" VALUES(1,8,1795249901261,'offer_made','{"kind":"takeback","by":"white"}','AxDWG7VoSi','c4');
INSERT INTO "event" VALUES(1,9,1795249901262,'takeback_agreed','{"ply":0}','51UDpMrvjf','c5');
INSERT INTO "event" VALUES(1,10,1795249901265,'move_played','[1,"w","f2f3","f3",300000,0,0]','AxDWG7VoSi','c7');
INSERT INTO "event" VALUES(1,11,1795249901266,'move_played','[2,"b","e7e5","e5",300000,0,0]','51UDpMrvjf','c8');
INSERT INTO "event" VALUES(1,12,1795249901268,'offer_made','{"kind":"draw","by":"black"}','51UDpMrvjf','c9');
INSERT INTO "event" VALUES(1,13,1795249901269,'offer_cancelled','{"kind":"draw","by":"white"}','AxDWG7VoSi','c10');
INSERT INTO "event" VALUES(1,14,1795249901270,'time_given','{"by":"white","ms":15000}','AxDWG7VoSi','c11');
INSERT INTO "event" VALUES(1,15,1795249901272,'move_played','[3,"w","g2g4","g4",302994,0,0]','AxDWG7VoSi','c12');
INSERT INTO "event" VALUES(1,16,1795249901273,'move_played','[4,"b","d8h4","Qh4#",317999,0,0]','51UDpMrvjf','c13');
INSERT INTO "event" VALUES(1,17,1795249901273,'game_ended','{"result":"0-1","reason":"checkmate"}','51UDpMrvjf','c13');
INSERT INTO "event" VALUES(1,18,1795249902273,'room_closed','{"reason":"linger"}',NULL,NULL);
INSERT INTO "event" VALUES(2,1,1795249902581,'room_opened','{"room_id":"rQiZifoWmMen","epoch":"POVHNgKu","options":{"time":"3+2","variant":"chess960","fen":null,"rules":"lichess","on_disconnect":"forfeit","grace_ms":40000,"goodbye_grace_ms":10000,"flicker_ms":500,"linger_ms":30000,"first_move_ms":25000,"idle_ms":1209600000,"lag_compensation":true,"chat":true,"takebacks":true,"draw_offers":true,"rematch":true,"public":false,"spectator_delay_ms":0}}',NULL,NULL);
INSERT INTO "event" VALUES(2,2,1795249902583,'seat_taken','{"color":"white","player_id":"WsFxwXtuiA","token_hash":"de67b5535eba9811bde209c8e0e151f211173a17662789d968a51b8add22ab10","name":"White","is_bot":false,"by_socket":false}',NULL,NULL);
INSERT INTO "event" VALUES(2,3,1795249902597,'seat_taken','{"color":"black","player_id":"IityQVPClm","token_hash":"d4b2f075804134604f8cbfd3061aa5b93ce90d3d06dd2ef708581443a70c279f","name":"Black","is_bot":false,"by_socket":true}',NULL,NULL);
INSERT INTO "event" VALUES(2,4,1795249902597,'game_started','{"game_id":"ciPHX9ph4ArF","white":"WsFxwXtuiA","black":"IityQVPClm","fen":"rbknrnbq/pppppppp/8/8/8/8/PPPPPPPP/RBKNRNBQ w KQkq - 0 1"}',NULL,NULL);
INSERT INTO "event" VALUES(2,5,1795249902604,'game_ended','{"result":"0-1","reason":"resignation"}','WsFxwXtuiA','3c8dcdbc-1');
INSERT INTO "event" VALUES(2,6,1795249902607,'offer_made','{"kind":"rematch","by":"black"}','IityQVPClm','3deedd1b-1');
INSERT INTO "event" VALUES(2,7,1795249902612,'game_started','{"game_id":"KiWY6hKfLyWB","white":"IityQVPClm","black":"WsFxwXtuiA","fen":"nbbnrkrq/pppppppp/8/8/8/8/PPPPPPPP/NBBNRKRQ w KQkq - 0 1"}','WsFxwXtuiA','7c0fb531-2');
INSERT INTO "event" VALUES(2,8,1795249902817,'game_ended','{"result":"*","reason":"aborted"}','WsFxwXtuiA','31691748-3');
INSERT INTO "event" VALUES(3,1,1795249902827,'room_opened','{"room_id":"Gd0KUZgJ5FEO","epoch":"uaLMT2g-","options":{"time":"1d","variant":"standard","fen":"4k3/8/8/8/8/8/4P3/4K3 w - - 0 1","rules":"lichess","on_disconnect":"forfeit","grace_ms":null,"goodbye_grace_ms":10000,"flicker_ms":500,"linger_ms":300000,"first_move_ms":null,"idle_ms":1209600000,"lag_compensation":true,"chat":true,"takebacks":true,"draw_offers":true,"rematch":true,"public":false,"spectator_delay_ms":0}}',NULL,NULL);
INSERT INTO "event" VALUES(3,2,1795249902828,'seat_taken','{"color":"white","player_id":"wJ7eiGWqLj","token_hash":"0ccae0bcedd8a157a04844d7253fe3971b81fb7beb889fd05ddb4145940aa333","name":"White","is_bot":false,"by_socket":false}',NULL,NULL);
INSERT INTO "event" VALUES(3,3,1795249902836,'seat_taken','{"color":"black","player_id":"MsTsTej6kT","token_hash":"14461f838364ea41d0b686355be27e5fdbd65305377b0efd259bdfa798ee561f","name":"Black","is_bot":false,"by_socket":true}',NULL,NULL);
INSERT INTO "event" VALUES(3,4,1795249902836,'game_started','{"game_id":"gvkp95XLXLlk","white":"wJ7eiGWqLj","black":"MsTsTej6kT","fen":"4k3/8/8/8/8/8/4P3/4K3 w - - 0 1"}',NULL,NULL);
INSERT INTO "event" VALUES(3,5,1795249902838,'move_played','[1,"w","e2e4","e4",86400000,0,0]','wJ7eiGWqLj','9b684134-1');
INSERT INTO "event" VALUES(3,6,1795249902840,'move_played','[2,"b","e8e7","Ke7",86400000,0,0]','MsTsTej6kT','d241df55-1');
INSERT INTO "event" VALUES(3,7,1795249902842,'offer_made','{"kind":"draw","by":"white"}','wJ7eiGWqLj','3dc979f1-2');
INSERT INTO "event" VALUES(3,8,1795249902844,'game_ended','{"result":"1/2-1/2","reason":"agreement"}','MsTsTej6kT','dc088dd8-2');
INSERT INTO "event" VALUES(4,1,1795249902850,'room_opened','{"room_id":"vk0264saqI7l","epoch":"sjEf7oXD","options":{"time":"30+20","variant":"standard","fen":null,"rules":"lichess","on_disconnect":"forfeit","grace_ms":600000,"goodbye_grace_ms":10000,"flicker_ms":500,"linger_ms":300000,"first_move_ms":35000,"idle_ms":1209600000,"lag_compensation":true,"chat":true,"takebacks":true,"draw_offers":true,"rematch":true,"public":false,"spectator_delay_ms":0}}',NULL,NULL);
INSERT INTO "event" VALUES(4,2,1795249902851,'seat_taken','{"color":"white","player_id":"vwZvGYD5RX","token_hash":"0c1e03af5ef93517b78456e59295d5bba9773a329307292dbbdd71f08bce987e","name":"White","is_bot":false,"by_socket":false}',NULL,NULL);
INSERT INTO "event" VALUES(4,3,1795249902859,'seat_taken','{"color":"black","player_id":"XiyJHycRS1","token_hash":"805649ad3fa8ec0620027a5d5b5e0c22387031f886cff0b4b56c653fed07d722","name":"Black","is_bot":false,"by_socket":true}',NULL,NULL);
INSERT INTO "event" VALUES(4,4,1795249902859,'game_started','{"game_id":"WA4CWDLUM9lf","white":"vwZvGYD5RX","black":"XiyJHycRS1","fen":"rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"}',NULL,NULL);
INSERT INTO "event" VALUES(4,5,1795249902861,'move_played','[1,"w","d2d4","d4",1800000,0,0]','vwZvGYD5RX','68fb689a-1');
INSERT INTO "event" VALUES(4,6,1795249902865,'move_played','[2,"b","d7d5","d5",1800000,0,0]','XiyJHycRS1','dcf0ab5f-1');
INSERT INTO "event" VALUES(4,7,1795249902867,'move_played','[3,"w","c2c4","c4",1819998,0,0]','vwZvGYD5RX','bc772039-2');
INSERT INTO "event" VALUES(4,8,1795249902869,'move_played','[4,"b","e7e6","e6",1819998,0,0]','XiyJHycRS1','a31249a3-2');
INSERT INTO "event" VALUES(2,9,1795249903321,'player_away','{"color":"white","lost_ms":1795249902821,"policy":"forfeit","until_ms":null}',NULL,NULL);
INSERT INTO "event" VALUES(2,10,1795249903322,'player_away','{"color":"black","lost_ms":1795249902822,"policy":"forfeit","until_ms":null}',NULL,NULL);
INSERT INTO "event" VALUES(2,11,1795249903322,'room_closed','{"reason":"left"}',NULL,NULL);
INSERT INTO "event" VALUES(3,9,1795249903345,'player_away','{"color":"black","lost_ms":1795249902845,"policy":"forfeit","until_ms":null}',NULL,NULL);
INSERT INTO "event" VALUES(3,10,1795249903350,'player_away','{"color":"white","lost_ms":1795249902846,"policy":"forfeit","until_ms":null}',NULL,NULL);
INSERT INTO "event" VALUES(3,11,1795249903350,'room_closed','{"reason":"left"}',NULL,NULL);
INSERT INTO "event" VALUES(4,9,1795249903371,'player_away','{"color":"black","lost_ms":1795249902871,"policy":"forfeit","until_ms":1795250502871}',NULL,NULL);
INSERT INTO "event" VALUES(4,10,1795249905668,'player_back','{"color":"black"}',NULL,NULL);
INSERT INTO "event" VALUES(4,11,1795249908653,'outage_repaid','{"from_ms":1795249905790,"until_ms":1795249908483}',NULL,NULL);
INSERT INTO "event" VALUES(4,12,1795249910164,'move_played','[5,"w","b1c3","Nc3",1835396,0,0]','vwZvGYD5RX','3b93bb70-3');
INSERT INTO "event" VALUES(4,13,1795249910168,'move_played','[6,"b","g8f6","Nf6",1839994,0,0]','XiyJHycRS1','3918555b-3');
INSERT INTO "event" VALUES(5,1,1795249910210,'room_opened','{"room_id":"KgPKP1r5sSYu","epoch":"IYcAPgxK","options":{"time":"unlimited","variant":"standard","fen":null,"rules":"lichess","on_disconnect":"forfeit","grace_ms":80000,"goodbye_grace_ms":10000,"flicker_ms":500,"linger_ms":300000,"first_move_ms":null,"idle_ms":1209600000,"lag_compensation":true,"chat":true,"takebacks":true,"draw_offers":true,"rematch":true,"public":false,"spectator_delay_ms":0}}',NULL,NULL);
INSERT INTO "event" VALUES(5,2,1795249910219,'seat_taken','{"color":"white","player_id":"YvtcClITme","token_hash":"38f405c8dd2b09068a1c9c888908a9c28bfabd1cd14917e118db9bcc05495429","name":"Waiting","is_bot":false,"by_socket":false}',NULL,NULL);
INSERT INTO "event" VALUES(6,1,1795249910286,'room_opened','{"room_id":"ylgymMqJrpd2","epoch":"CFcWaFgc","options":{"time":"90+30","variant":"standard","fen":null,"rules":"lichess","on_disconnect":"forfeit","grace_ms":120000,"goodbye_grace_ms":10000,"flicker_ms":500,"linger_ms":300000,"first_move_ms":35000,"idle_ms":1209600000,"lag_compensation":true,"chat":true,"takebacks":true,"draw_offers":true,"rematch":true,"public":false,"spectator_delay_ms":0}}',NULL,NULL);
INSERT INTO "event" VALUES(6,2,1795249910288,'seat_taken','{"color":"white","player_id":"oK48VRjCJQ","token_hash":"2024d410628c8335f994db66a42c04fc44cf7dcac33c30418c935f81a8efe490","name":"White","is_bot":false,"by_socket":false}',NULL,NULL);
INSERT INTO "event" VALUES(6,3,1795249910306,'seat_taken','{"color":"black","player_id":"7P3xT7f9Wp","token_hash":"47082708e1315689359e67e98e21a57ce137bda158385653e08379c2d2c1b97b","name":"Black","is_bot":false,"by_socket":true}',NULL,NULL);
INSERT INTO "event" VALUES(6,4,1795249910306,'game_started','{"game_id":"muNhZNjPT387","white":"oK48VRjCJQ","black":"7P3xT7f9Wp","fen":"rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"}',NULL,NULL);
INSERT INTO "event" VALUES(6,5,1795249910378,'move_played','[1,"w","e2e4","e4",5400000,0,0]','oK48VRjCJQ','9a482513-1');
INSERT INTO "event" VALUES(6,6,1795249910395,'move_played','[2,"b","e7e5","e5",5400000,0,0]','7P3xT7f9Wp','67a4db99-1');
INSERT INTO "event" VALUES(6,7,1795249910398,'move_played','[3,"w","g1f3","Nf3",5429997,0,0]','oK48VRjCJQ','09356513-2');
INSERT INTO "event" VALUES(6,8,1795249910403,'move_played','[4,"b","d7d6","d6",5429995,0,0]','7P3xT7f9Wp','2cd56273-2');
INSERT INTO "event" VALUES(6,9,1795249910405,'move_played','[5,"w","f1c4","Bc4",5459995,0,0]','oK48VRjCJQ','e74451b2-3');
INSERT INTO "event" VALUES(6,10,1795249910409,'move_played','[6,"b","c8g4","Bg4",5459991,0,0]','7P3xT7f9Wp','d3be0287-3');
INSERT INTO "event" VALUES(6,11,1795249910411,'move_played','[7,"w","b1c3","Nc3",5489993,0,0]','oK48VRjCJQ','5327459e-4');
INSERT INTO "event" VALUES(6,12,1795249910413,'move_played','[8,"b","g7g6","g6",5489989,0,0]','7P3xT7f9Wp','9a1613f9-4');
INSERT INTO "event" VALUES(6,13,1795249910420,'move_played','[9,"w","f3e5","Nxe5",5519986,0,0]','oK48VRjCJQ','a4479bb5-5');
INSERT INTO "event" VALUES(6,14,1795249910425,'move_played','[10,"b","g4d1","Bxd1",5519984,0,0]','7P3xT7f9Wp','e55f3e5f-5');
INSERT INTO "event" VALUES(6,15,1795249910438,'move_played','[11,"w","c4f7","Bxf7+",5549973,0,0]','oK48VRjCJQ','302cb855-6');
INSERT INTO "event" VALUES(6,16,1795249910444,'move_played','[12,"b","e8e7","Ke7",5549978,0,0]','7P3xT7f9Wp','14898ff5-6');
INSERT INTO "event" VALUES(6,17,1795249910455,'move_played','[13,"w","c3d5","Nd5#",5579962,0,0]','oK48VRjCJQ','c3620c48-7');
INSERT INTO "event" VALUES(6,18,1795249910455,'game_ended','{"result":"1-0","reason":"checkmate"}','oK48VRjCJQ','c3620c48-7');
INSERT INTO "event" VALUES(4,14,1795249910680,'player_away','{"color":"black","lost_ms":1795249910179,"policy":"forfeit","until_ms":1795250510179}',NULL,NULL);
INSERT INTO "event" VALUES(4,15,1795249910694,'player_away','{"color":"white","lost_ms":1795249910184,"policy":"forfeit","until_ms":1795250510184}',NULL,NULL);
CREATE TABLE game (
        game_id TEXT PRIMARY KEY,
        stream_id BIGINT NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        white_id TEXT NOT NULL,
        white_name TEXT NOT NULL,
        white_folded TEXT NOT NULL,
        white_is_bot SMALLINT NOT NULL,
        black_id TEXT NOT NULL,
        black_name TEXT NOT NULL,
        black_folded TEXT NOT NULL,
        black_is_bot SMALLINT NOT NULL,
        variant TEXT NOT NULL,
        time_control TEXT NOT NULL,
        result TEXT NOT NULL,
        reason TEXT NOT NULL,
        plies INTEGER NOT NULL,
        started_ms BIGINT NOT NULL,
        ended_ms BIGINT NOT NULL,
        is_public SMALLINT NOT NULL
    );
INSERT INTO "game" VALUES('wvaq6o3bhXHA',1,4,17,'AxDWG7VoSi','Anna','anna',0,'51UDpMrvjf','Boris','boris',0,'standard','5+3','0-1','checkmate',4,1795249900943,1795249901273,1);
INSERT INTO "game" VALUES('ciPHX9ph4ArF',2,4,5,'WsFxwXtuiA','White','white',0,'IityQVPClm','Black','black',0,'chess960','3+2','0-1','resignation',0,1795249902597,1795249902604,0);
INSERT INTO "game" VALUES('KiWY6hKfLyWB',2,7,8,'IityQVPClm','Black','black',0,'WsFxwXtuiA','White','white',0,'chess960','3+2','*','aborted',0,1795249902612,1795249902817,0);
INSERT INTO "game" VALUES('gvkp95XLXLlk',3,4,8,'wJ7eiGWqLj','White','white',0,'MsTsTej6kT','Black','black',0,'standard','1d','1/2-1/2','agreement',2,1795249902836,1795249902844,0);
INSERT INTO "game" VALUES('muNhZNjPT387',6,4,18,'oK48VRjCJQ','White','white',0,'7P3xT7f9Wp','Black','black',0,'standard','90+30','1-0','checkmate',13,1795249910306,1795249910455,0);
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO "meta" VALUES('schema','1');
CREATE TABLE outage (from_ms BIGINT NOT NULL, until_ms BIGINT NOT NULL, PRIMARY KEY (until_ms, from_ms));
INSERT INTO "outage" VALUES(1795249905790,1795249908483);
CREATE TABLE stream (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        life INTEGER NOT NULL,
        version INTEGER NOT NULL,
        deadline_ms BIGINT,
        is_open SMALLINT NOT NULL,
        is_public SMALLINT NOT NULL,
        UNIQUE (name, life)
    );
INSERT INTO "stream" VALUES(1,'room:yBovk4pS6E9o',1,18,NULL,0,0);
INSERT INTO "stream" VALUES(2,'room:rQiZifoWmMen',1,11,NULL,0,0);
INSERT INTO "stream" VALUES(3,'room:Gd0KUZgJ5FEO',1,11,NULL,0,0);
INSERT INTO "stream" VALUES(4,'room:vk0264saqI7l',1,15,1795251745564,1,0);
INSERT INTO "stream" VALUES(5,'room:KgPKP1r5sSYu',1,2,1796459510219,1,0);
INSERT INTO "stream" VALUES(6,'room:ylgymMqJrpd2',1,18,1795250210455,1,0);
CREATE TABLE worker (worker_id TEXT PRIMARY KEY, alive_ms BIGINT NOT NULL);
INSERT INTO "worker" VALUES('61bdb6b3f12f7039',1795249905790);
INSERT INTO "worker" VALUES('489ad218249ae4d9',1795249910637);
CREATE INDEX stream_deadline ON stream (deadline_ms) WHERE deadline_ms IS NOT NULL;
CREATE INDEX stream_public ON stream (id) WHERE is_open = 1 AND is_public = 1;
CREATE INDEX game_newest ON game (ended_ms, game_id) WHERE is_public = 1;
COMMIT;
