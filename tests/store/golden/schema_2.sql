PRAGMA application_id = 1413562969;
BEGIN TRANSACTION;
CREATE TABLE account (id TEXT PRIMARY KEY, name TEXT NOT NULL, title TEXT, created_ms BIGINT NOT NULL);
INSERT INTO "account" VALUES('anna','Anna',NULL,1795249972678);
INSERT INTO "account" VALUES('robot','Robot','BOT',1795249972709);
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
INSERT INTO "answer" VALUES(1,'uSVFGRBGXs',1,'c6',9,'illegal_move','''e2e5'' is not a legal move here');
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
INSERT INTO "event" VALUES(1,1,1795249959380,'room_opened','{"room_id":"FTK89lCUziAb","epoch":"zcs-wMD7","options":{"time":"5+3","variant":"standard","fen":null,"rules":"lichess","on_disconnect":"forfeit","grace_ms":40000,"goodbye_grace_ms":10000,"flicker_ms":500,"linger_ms":1000,"first_move_ms":25000,"idle_ms":1209600000,"lag_compensation":true,"chat":true,"takebacks":true,"draw_offers":true,"rematch":true,"public":true,"spectator_delay_ms":0}}',NULL,NULL);
INSERT INTO "event" VALUES(1,2,1795249959382,'seat_taken','{"color":"white","player_id":"uSVFGRBGXs","token_hash":"ac6fe22d52e2dba84b74ccfe9819d3a2c771d0ca422e201e643464d73a50f213","name":"Anna","is_bot":false,"by_socket":false}',NULL,NULL);
INSERT INTO "event" VALUES(1,3,1795249959488,'seat_taken','{"color":"black","player_id":"xkph4q5oRA","token_hash":"4bf0f213233899f737b56c22b251004ee52f4ddfe3da7afaea2582e1d9073f98","name":"Boris","is_bot":false,"by_socket":true}',NULL,NULL);
INSERT INTO "event" VALUES(1,4,1795249959488,'game_started','{"game_id":"AEnf8rHv9uDn","white":"uSVFGRBGXs","black":"xkph4q5oRA","fen":"rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"}',NULL,NULL);
INSERT INTO "event" VALUES(1,5,1795249959867,'chat_said','{"by":"white","room":"player","text":"Good luck \u2014 viel Gl\u00fcck \u265e"}','uSVFGRBGXs','c1');
INSERT INTO "event" VALUES(1,6,1795249959870,'move_played','[1,"w","e2e4","e4",300000,0,0]','uSVFGRBGXs','c2');
INSERT INTO "event" VALUES(1,7,1795249959873,'move_played','[2,"b","e7e5","e5",300000,0,0]','xkph4q5oRA','c3');
INSERT INTO "event" VALUES(1,8,1795249959875,'offer_made','{"kind":"takeback","by":"white"}','uSVFGRBGXs','c4');
INSERT INTO "event" VALUES(1,9,1795249959906,'takeback_agreed','{"ply":0}','xkph4q5oRA','c5');
INSERT INTO "event" VALUES(1,10,1795249959915,'move_played','[1,"w","f2f3","f3",300000,0,0]','uSVFGRBGXs','c7');
INSERT INTO "event" VALUES(1,11,1795249959917,'move_played','[2,"b","e7e5","e5",300000,0,0]','xkph4q5oRA','c8');
INSERT INTO "event" VALUES(1,12,1795249959920,'offer_made','{"kind":"draw","by":"black"}','xkph4q5oRA','c9');
INSERT INTO "event" VALUES(1,13,1795249959921,'offer_cancelled','{"kind":"draw","by":"white"}','uSVFGRBGXs','c10');
INSERT INTO "event" VALUES(1,14,1795249959931,'time_given','{"by":"white","ms":15000}','uSVFGRBGXs','c11');
INSERT INTO "event" VALUES(1,15,1795249959940,'move_played','[3,"w","g2g4","g4",302977,0,0]','uSVFGRBGXs','c12');
INSERT INTO "event" VALUES(1,16,1795249959942,'move_played','[4,"b","d8h4","Qh4#",317998,0,0]','xkph4q5oRA','c13');
INSERT INTO "event" VALUES(1,17,1795249959942,'game_ended','{"result":"0-1","reason":"checkmate"}','xkph4q5oRA','c13');
INSERT INTO "event" VALUES(1,18,1795249960942,'room_closed','{"reason":"linger"}',NULL,NULL);
INSERT INTO "event" VALUES(2,1,1795249961341,'room_opened','{"room_id":"JvgAivHPYYQz","epoch":"sv__xLR8","options":{"time":"3+2","variant":"chess960","fen":null,"rules":"lichess","on_disconnect":"forfeit","grace_ms":40000,"goodbye_grace_ms":10000,"flicker_ms":500,"linger_ms":30000,"first_move_ms":25000,"idle_ms":1209600000,"lag_compensation":true,"chat":true,"takebacks":true,"draw_offers":true,"rematch":true,"public":false,"spectator_delay_ms":0}}',NULL,NULL);
INSERT INTO "event" VALUES(2,2,1795249961344,'seat_taken','{"color":"white","player_id":"BNw3DmraWf","token_hash":"c4ce74d9adf8b854a016ed0b318d4bb445447113e51a1e28d594aa3241817aa3","name":"White","is_bot":false,"by_socket":false}',NULL,NULL);
INSERT INTO "event" VALUES(2,3,1795249961415,'seat_taken','{"color":"black","player_id":"mzfTaigaxx","token_hash":"2be2118330c4102f509f29a94766592cb934ce44031b07e93f10c48e58fb1d70","name":"Black","is_bot":false,"by_socket":true}',NULL,NULL);
INSERT INTO "event" VALUES(2,4,1795249961415,'game_started','{"game_id":"Oh5oYNxvxmRF","white":"BNw3DmraWf","black":"mzfTaigaxx","fen":"rbbqnkrn/pppppppp/8/8/8/8/PPPPPPPP/RBBQNKRN w KQkq - 0 1"}',NULL,NULL);
INSERT INTO "event" VALUES(2,5,1795249961431,'game_ended','{"result":"0-1","reason":"resignation"}','BNw3DmraWf','9549e10d-1');
INSERT INTO "event" VALUES(2,6,1795249961436,'offer_made','{"kind":"rematch","by":"black"}','mzfTaigaxx','03693418-1');
INSERT INTO "event" VALUES(2,7,1795249961443,'game_started','{"game_id":"z4ebTNpiovDS","white":"mzfTaigaxx","black":"BNw3DmraWf","fen":"nrqkbnrb/pppppppp/8/8/8/8/PPPPPPPP/NRQKBNRB w KQkq - 0 1"}','BNw3DmraWf','cf51a1d1-2');
INSERT INTO "event" VALUES(2,8,1795249961649,'game_ended','{"result":"*","reason":"aborted"}','BNw3DmraWf','e03fd6f2-3');
INSERT INTO "event" VALUES(3,1,1795249961667,'room_opened','{"room_id":"kqoEGbCo5M20","epoch":"iI-FqHpp","options":{"time":"1d","variant":"standard","fen":"4k3/8/8/8/8/8/4P3/4K3 w - - 0 1","rules":"lichess","on_disconnect":"forfeit","grace_ms":null,"goodbye_grace_ms":10000,"flicker_ms":500,"linger_ms":300000,"first_move_ms":null,"idle_ms":1209600000,"lag_compensation":true,"chat":true,"takebacks":true,"draw_offers":true,"rematch":true,"public":false,"spectator_delay_ms":0}}',NULL,NULL);
INSERT INTO "event" VALUES(3,2,1795249961670,'seat_taken','{"color":"white","player_id":"Xn8QQDcqnC","token_hash":"909d6c00aa3e7e68245e361b52aad140b854190d25fe75ef87fd871afd651627","name":"White","is_bot":false,"by_socket":false}',NULL,NULL);
INSERT INTO "event" VALUES(3,3,1795249961727,'seat_taken','{"color":"black","player_id":"7WgGw9xEQo","token_hash":"45a1fc248f25f11e5cf641a35d448bdd743d443dde147f536bd916f8d8c1e613","name":"Black","is_bot":false,"by_socket":true}',NULL,NULL);
INSERT INTO "event" VALUES(3,4,1795249961727,'game_started','{"game_id":"zSyLYZzRQjpH","white":"Xn8QQDcqnC","black":"7WgGw9xEQo","fen":"4k3/8/8/8/8/8/4P3/4K3 w - - 0 1"}',NULL,NULL);
INSERT INTO "event" VALUES(3,5,1795249961771,'move_played','[1,"w","e2e4","e4",86400000,0,0]','Xn8QQDcqnC','0e74706b-1');
INSERT INTO "event" VALUES(3,6,1795249961783,'move_played','[2,"b","e8e7","Ke7",86400000,0,0]','7WgGw9xEQo','8074cb86-1');
INSERT INTO "event" VALUES(3,7,1795249961792,'offer_made','{"kind":"draw","by":"white"}','Xn8QQDcqnC','a29353d1-2');
INSERT INTO "event" VALUES(3,8,1795249961802,'game_ended','{"result":"1/2-1/2","reason":"agreement"}','7WgGw9xEQo','022ea475-2');
INSERT INTO "event" VALUES(4,1,1795249961835,'room_opened','{"room_id":"1kNYjYFV8rFC","epoch":"a6uqZTfL","options":{"time":"30+20","variant":"standard","fen":null,"rules":"lichess","on_disconnect":"forfeit","grace_ms":600000,"goodbye_grace_ms":10000,"flicker_ms":500,"linger_ms":300000,"first_move_ms":35000,"idle_ms":1209600000,"lag_compensation":true,"chat":true,"takebacks":true,"draw_offers":true,"rematch":true,"public":false,"spectator_delay_ms":0}}',NULL,NULL);
INSERT INTO "event" VALUES(4,2,1795249961844,'seat_taken','{"color":"white","player_id":"jFnVmKya6s","token_hash":"4085e0064e2fae7dd4c40316540f0ec5611e2296483d4231ac75a2520695fcbc","name":"White","is_bot":false,"by_socket":false}',NULL,NULL);
INSERT INTO "event" VALUES(4,3,1795249961855,'seat_taken','{"color":"black","player_id":"f0lOxnPN8O","token_hash":"e42e58bf2d1bc29793b28234db15d95de3dd537c83b4af6f9a44a72f0119e77e","name":"Black","is_bot":false,"by_socket":true}',NULL,NULL);
INSERT INTO "event" VALUES(4,4,1795249961855,'game_started','{"game_id":"LS3ouAi42YyM","white":"jFnVmKya6s","black":"f0lOxnPN8O","fen":"rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"}',NULL,NULL);
INSERT INTO "event" VALUES(4,5,1795249961863,'move_played','[1,"w","d2d4","d4",1800000,0,0]','jFnVmKya6s','a3ff5577-1');
INSERT INTO "event" VALUES(4,6,1795249961869,'move_played','[2,"b","d7d5","d5",1800000,0,0]','f0lOxnPN8O','7315c46c-1');
INSERT INTO "event" VALUES(4,7,1795249961875,'move_played','[3,"w","c2c4","c4",1819994,0,0]','jFnVmKya6s','269606e6-2');
INSERT INTO "event" VALUES(4,8,1795249961888,'move_played','[4,"b","e7e6","e6",1819987,0,0]','f0lOxnPN8O','7824a1e2-2');
INSERT INTO "event" VALUES(2,9,1795249962153,'player_away','{"color":"white","lost_ms":1795249961653,"policy":"forfeit","until_ms":null}',NULL,NULL);
INSERT INTO "event" VALUES(2,10,1795249962173,'player_away','{"color":"black","lost_ms":1795249961655,"policy":"forfeit","until_ms":null}',NULL,NULL);
INSERT INTO "event" VALUES(2,11,1795249962173,'room_closed','{"reason":"left"}',NULL,NULL);
INSERT INTO "event" VALUES(3,9,1795249962308,'player_away','{"color":"black","lost_ms":1795249961808,"policy":"forfeit","until_ms":null}',NULL,NULL);
INSERT INTO "event" VALUES(3,10,1795249962363,'player_away','{"color":"white","lost_ms":1795249961811,"policy":"forfeit","until_ms":null}',NULL,NULL);
INSERT INTO "event" VALUES(3,11,1795249962363,'room_closed','{"reason":"left"}',NULL,NULL);
INSERT INTO "event" VALUES(4,9,1795249962482,'player_away','{"color":"black","lost_ms":1795249961981,"policy":"forfeit","until_ms":1795250561981}',NULL,NULL);
INSERT INTO "event" VALUES(4,10,1795249964726,'player_back','{"color":"black"}',NULL,NULL);
INSERT INTO "event" VALUES(4,11,1795249969838,'outage_repaid','{"from_ms":1795249964726,"until_ms":1795249969648}',NULL,NULL);
INSERT INTO "event" VALUES(4,12,1795249971381,'move_played','[5,"w","b1c3","Nc3",1835423,0,0]','jFnVmKya6s','0e23c7b2-3');
INSERT INTO "event" VALUES(4,13,1795249971391,'move_played','[6,"b","g8f6","Nf6",1839977,0,0]','f0lOxnPN8O','df8a470e-3');
INSERT INTO "event" VALUES(5,1,1795249971400,'room_opened','{"room_id":"wUq3tKEkK2Cv","epoch":"lFPCMquN","options":{"time":"unlimited","variant":"standard","fen":null,"rules":"lichess","on_disconnect":"forfeit","grace_ms":80000,"goodbye_grace_ms":10000,"flicker_ms":500,"linger_ms":300000,"first_move_ms":null,"idle_ms":1209600000,"lag_compensation":true,"chat":true,"takebacks":true,"draw_offers":true,"rematch":true,"public":false,"spectator_delay_ms":0}}',NULL,NULL);
INSERT INTO "event" VALUES(5,2,1795249971402,'seat_taken','{"color":"black","player_id":"jkaGhI9Tw8","token_hash":"803f9f6a5cb224b92d193eb089926a049c445ce000762edcb347de5d766a1584","name":"Waiting","is_bot":false,"by_socket":false}',NULL,NULL);
INSERT INTO "event" VALUES(6,1,1795249971549,'room_opened','{"room_id":"Lh4ENGZfPGtH","epoch":"9OnU0NV0","options":{"time":"90+30","variant":"standard","fen":null,"rules":"lichess","on_disconnect":"forfeit","grace_ms":120000,"goodbye_grace_ms":10000,"flicker_ms":500,"linger_ms":300000,"first_move_ms":35000,"idle_ms":1209600000,"lag_compensation":true,"chat":true,"takebacks":true,"draw_offers":true,"rematch":true,"public":false,"spectator_delay_ms":0}}',NULL,NULL);
INSERT INTO "event" VALUES(4,14,1795249971934,'player_away','{"color":"white","lost_ms":1795249971394,"policy":"forfeit","until_ms":1795250571394}',NULL,NULL);
INSERT INTO "event" VALUES(6,2,1795249971950,'seat_taken','{"color":"white","player_id":"RSWQuiXvM7","token_hash":"c2c2b260514b2750f30280a891b5bccc19a48995f7dc09adc3db4d4c26b0a95f","name":"White","is_bot":false,"by_socket":false}',NULL,NULL);
INSERT INTO "event" VALUES(4,15,1795249971956,'player_away','{"color":"black","lost_ms":1795249971393,"policy":"forfeit","until_ms":1795250571393}',NULL,NULL);
INSERT INTO "event" VALUES(6,3,1795249971988,'seat_taken','{"color":"black","player_id":"M4jB2iMktn","token_hash":"017803f68e05b6fd0b32e3586f61a14daa24f65a161c319aeab4b89b01f9a0f8","name":"Black","is_bot":false,"by_socket":true}',NULL,NULL);
INSERT INTO "event" VALUES(6,4,1795249971988,'game_started','{"game_id":"rXNAaoQQHmgm","white":"RSWQuiXvM7","black":"M4jB2iMktn","fen":"rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"}',NULL,NULL);
INSERT INTO "event" VALUES(6,5,1795249971992,'move_played','[1,"w","e2e4","e4",5400000,0,0]','RSWQuiXvM7','6a399d76-1');
INSERT INTO "event" VALUES(6,6,1795249972000,'move_played','[2,"b","e7e5","e5",5400000,0,0]','M4jB2iMktn','8ac81d18-1');
INSERT INTO "event" VALUES(6,7,1795249972007,'move_played','[3,"w","g1f3","Nf3",5429993,0,0]','RSWQuiXvM7','0186addb-2');
INSERT INTO "event" VALUES(6,8,1795249972010,'move_played','[4,"b","d7d6","d6",5429997,0,0]','M4jB2iMktn','7e2aaa4d-2');
INSERT INTO "event" VALUES(6,9,1795249972013,'move_played','[5,"w","f1c4","Bc4",5459990,0,0]','RSWQuiXvM7','09ef02f9-3');
INSERT INTO "event" VALUES(6,10,1795249972015,'move_played','[6,"b","c8g4","Bg4",5459995,0,0]','M4jB2iMktn','d628b6ea-3');
INSERT INTO "event" VALUES(6,11,1795249972017,'move_played','[7,"w","b1c3","Nc3",5489988,0,0]','RSWQuiXvM7','1f4ed39f-4');
INSERT INTO "event" VALUES(6,12,1795249972020,'move_played','[8,"b","g7g6","g6",5489992,0,0]','M4jB2iMktn','ed3b3c8d-4');
INSERT INTO "event" VALUES(6,13,1795249972024,'move_played','[9,"w","f3e5","Nxe5",5519984,0,0]','RSWQuiXvM7','af1359a0-5');
INSERT INTO "event" VALUES(6,14,1795249972033,'move_played','[10,"b","g4d1","Bxd1",5519983,0,0]','M4jB2iMktn','000525ac-5');
INSERT INTO "event" VALUES(6,15,1795249972046,'move_played','[11,"w","c4f7","Bxf7+",5549971,0,0]','RSWQuiXvM7','a0c41073-6');
INSERT INTO "event" VALUES(6,16,1795249972060,'move_played','[12,"b","e8e7","Ke7",5549969,0,0]','M4jB2iMktn','f611d98c-6');
INSERT INTO "event" VALUES(6,17,1795249972079,'move_played','[13,"w","c3d5","Nd5#",5579952,0,0]','RSWQuiXvM7','20c4d2e4-7');
INSERT INTO "event" VALUES(6,18,1795249972079,'game_ended','{"result":"1-0","reason":"checkmate"}','RSWQuiXvM7','20c4d2e4-7');
INSERT INTO "event" VALUES(6,19,1795249972602,'player_away','{"color":"white","lost_ms":1795249972101,"policy":"forfeit","until_ms":null}',NULL,NULL);
INSERT INTO "event" VALUES(6,20,1795249972614,'player_away','{"color":"black","lost_ms":1795249972100,"policy":"forfeit","until_ms":null}',NULL,NULL);
INSERT INTO "event" VALUES(6,21,1795249972614,'room_closed','{"reason":"left"}',NULL,NULL);
INSERT INTO "event" VALUES(7,1,1795249972733,'challenge_created','{"id":"KE7idA3h2U3F","challenger":"robot","challenger_name":"Robot","challenger_title":"BOT","dest":"anna","dest_name":"Anna","dest_title":null,"time":"5+3","variant":"standard","fen":null,"color":"white","final_color":"white","expires_ms":1795250032733,"rematch_of":null}',NULL,NULL);
INSERT INTO "event" VALUES(8,1,1795249972733,'challenge_created','{"id":"KE7idA3h2U3F","challenger":"robot","challenger_name":"Robot","challenger_title":"BOT","dest":"anna","dest_name":"Anna","dest_title":null,"time":"5+3","variant":"standard","fen":null,"color":"white","final_color":"white","expires_ms":1795250032733,"rematch_of":null}',NULL,NULL);
INSERT INTO "event" VALUES(7,2,1795249972831,'challenge_accepted','{"id":"KE7idA3h2U3F"}',NULL,NULL);
INSERT INTO "event" VALUES(9,1,1795249972861,'room_opened','{"room_id":"KE7idA3h2U3F","epoch":"zhP2NBvm","options":{"time":"5+3","variant":"standard","fen":null,"rules":"lichess","on_disconnect":"forfeit","grace_ms":40000,"goodbye_grace_ms":10000,"flicker_ms":500,"linger_ms":300000,"first_move_ms":25000,"idle_ms":600000,"lag_compensation":true,"chat":true,"takebacks":true,"draw_offers":true,"rematch":true,"public":true,"spectator_delay_ms":0}}',NULL,NULL);
INSERT INTO "event" VALUES(9,2,1795249972958,'seat_taken','{"color":"white","player_id":"@robot","token_hash":"account:robot","name":"Robot","is_bot":true,"by_socket":false}',NULL,NULL);
INSERT INTO "event" VALUES(9,3,1795249973046,'seat_taken','{"color":"black","player_id":"@anna","token_hash":"account:anna","name":"Anna","is_bot":false,"by_socket":false}',NULL,NULL);
INSERT INTO "event" VALUES(9,4,1795249973046,'game_started','{"game_id":"KE7idA3h2U3F","white":"@robot","black":"@anna","fen":"rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"}',NULL,NULL);
INSERT INTO "event" VALUES(8,2,1795249973054,'challenge_accepted','{"id":"KE7idA3h2U3F"}',NULL,NULL);
INSERT INTO "event" VALUES(8,3,1795249973064,'game_entered','{"game_id":"KE7idA3h2U3F","room_id":"KE7idA3h2U3F"}',NULL,NULL);
INSERT INTO "event" VALUES(7,3,1795249973070,'game_entered','{"game_id":"KE7idA3h2U3F","room_id":"KE7idA3h2U3F"}',NULL,NULL);
INSERT INTO "event" VALUES(9,5,1795249973425,'move_played','[1,"w","e2e4","e4",300000,0,0]',NULL,NULL);
INSERT INTO "event" VALUES(8,4,1795249973455,'challenge_created','{"id":"77spxELlOyog","challenger":"anna","challenger_name":"Anna","challenger_title":null,"dest":"robot","dest_name":"Robot","dest_title":"BOT","time":"5+3","variant":"standard","fen":null,"color":"white","final_color":"white","expires_ms":1795250033455,"rematch_of":null}',NULL,NULL);
INSERT INTO "event" VALUES(7,4,1795249973455,'challenge_created','{"id":"77spxELlOyog","challenger":"anna","challenger_name":"Anna","challenger_title":null,"dest":"robot","dest_name":"Robot","dest_title":"BOT","time":"5+3","variant":"standard","fen":null,"color":"white","final_color":"white","expires_ms":1795250033455,"rematch_of":null}',NULL,NULL);
INSERT INTO "event" VALUES(8,5,1795249973531,'challenge_declined','{"id":"77spxELlOyog","reason":"generic"}',NULL,NULL);
INSERT INTO "event" VALUES(7,5,1795249973538,'challenge_declined','{"id":"77spxELlOyog","reason":"generic"}',NULL,NULL);
INSERT INTO "event" VALUES(8,6,1795249973549,'challenge_created','{"id":"0SL8iGGbKFdI","challenger":"anna","challenger_name":"Anna","challenger_title":null,"dest":"robot","dest_name":"Robot","dest_title":"BOT","time":"5+3","variant":"standard","fen":null,"color":"white","final_color":"white","expires_ms":1795250033549,"rematch_of":null}',NULL,NULL);
INSERT INTO "event" VALUES(7,6,1795249973549,'challenge_created','{"id":"0SL8iGGbKFdI","challenger":"anna","challenger_name":"Anna","challenger_title":null,"dest":"robot","dest_name":"Robot","dest_title":"BOT","time":"5+3","variant":"standard","fen":null,"color":"white","final_color":"white","expires_ms":1795250033549,"rematch_of":null}',NULL,NULL);
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
INSERT INTO "game" VALUES('AEnf8rHv9uDn',1,4,17,'uSVFGRBGXs','Anna','anna',0,'xkph4q5oRA','Boris','boris',0,'standard','5+3','0-1','checkmate',4,1795249959488,1795249959942,1);
INSERT INTO "game" VALUES('Oh5oYNxvxmRF',2,4,5,'BNw3DmraWf','White','white',0,'mzfTaigaxx','Black','black',0,'chess960','3+2','0-1','resignation',0,1795249961415,1795249961431,0);
INSERT INTO "game" VALUES('z4ebTNpiovDS',2,7,8,'mzfTaigaxx','Black','black',0,'BNw3DmraWf','White','white',0,'chess960','3+2','*','aborted',0,1795249961443,1795249961649,0);
INSERT INTO "game" VALUES('zSyLYZzRQjpH',3,4,8,'Xn8QQDcqnC','White','white',0,'7WgGw9xEQo','Black','black',0,'standard','1d','1/2-1/2','agreement',2,1795249961727,1795249961802,0);
INSERT INTO "game" VALUES('rXNAaoQQHmgm',6,4,18,'RSWQuiXvM7','White','white',0,'M4jB2iMktn','Black','black',0,'standard','90+30','1-0','checkmate',13,1795249971988,1795249972079,0);
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO "meta" VALUES('schema','2');
CREATE TABLE outage (from_ms BIGINT NOT NULL, until_ms BIGINT NOT NULL, PRIMARY KEY (until_ms, from_ms));
INSERT INTO "outage" VALUES(1795249964363,1795249969648);
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
INSERT INTO "stream" VALUES(1,'room:FTK89lCUziAb',1,18,NULL,0,0);
INSERT INTO "stream" VALUES(2,'room:JvgAivHPYYQz',1,11,NULL,0,0);
INSERT INTO "stream" VALUES(3,'room:kqoEGbCo5M20',1,11,NULL,0,0);
INSERT INTO "stream" VALUES(4,'room:1kNYjYFV8rFC',1,15,1795251806814,1,0);
INSERT INTO "stream" VALUES(5,'room:wUq3tKEkK2Cv',1,2,1796459571402,1,0);
INSERT INTO "stream" VALUES(6,'room:Lh4ENGZfPGtH',1,21,NULL,0,0);
INSERT INTO "stream" VALUES(7,'account:anna',1,6,1795250033549,1,0);
INSERT INTO "stream" VALUES(8,'account:robot',1,6,1795250033549,1,0);
INSERT INTO "stream" VALUES(9,'room:KE7idA3h2U3F',1,5,1795249998425,1,1);
CREATE TABLE token (
        token_hash TEXT PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES account (id),
        scopes TEXT NOT NULL,
        created_ms BIGINT NOT NULL
    );
INSERT INTO "token" VALUES('1836b886ffb04ed9ea6a2a2c28f81ae54fe8045b0294d87d0be93033e2819cf4','anna','bot:play board:play challenge:read challenge:write',1795249972685);
INSERT INTO "token" VALUES('8e01fbd254fe1b8660ac31ccfa70539d5164e06db488e3744d80f053f3dd7068','robot','bot:play board:play challenge:read challenge:write',1795249972717);
CREATE TABLE worker (worker_id TEXT PRIMARY KEY, alive_ms BIGINT NOT NULL);
INSERT INTO "worker" VALUES('73699d26c1646d00',1795249964363);
INSERT INTO "worker" VALUES('4241b309693b6c69',1795249972958);
CREATE INDEX stream_deadline ON stream (deadline_ms) WHERE deadline_ms IS NOT NULL;
CREATE INDEX stream_public ON stream (id) WHERE is_open = 1 AND is_public = 1;
CREATE INDEX game_newest ON game (ended_ms, game_id) WHERE is_public = 1;
CREATE INDEX token_account ON token (account_id);
CREATE INDEX game_white ON game (white_id, ended_ms);
CREATE INDEX game_black ON game (black_id, ended_ms);
COMMIT;
