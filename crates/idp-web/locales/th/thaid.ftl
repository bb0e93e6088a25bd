# ThaID: เข้าสู่ระบบ ยืนยันตัวตน และการเปิดปิดช่องทาง
thaid-cancelled = ท่านยกเลิกการเข้าสู่ระบบด้วย ThaID ท่านเข้าสู่ระบบด้วยวิธีอื่นได้
thaid-no-account = ยังไม่มีบัญชีสมาชิกถาวรที่ยืนยันตัวตนด้วยเลขประจำตัวประชาชนนี้ หากท่านมีบัญชีแล้ว กรุณาเข้าสู่ระบบด้วยอีเมลและรหัสผ่าน แล้วยืนยันตัวตนด้วย ThaID หนึ่งครั้ง หากยังไม่มีบัญชี กรุณาลงทะเบียน
thaid-somebody-else = บุคคลที่เข้าสู่ระบบกับ ThaID ไม่ใช่เจ้าของบัญชีที่กำลังใช้งานอยู่ กรุณายืนยันด้วยวิธีอื่น
thaid-door-closed = เจ้าของบัญชีปิดการเข้าสู่ระบบด้วย ThaID ไว้ กรุณาเข้าสู่ระบบด้วยอีเมลและรหัสผ่าน
second-lead-thaid = ThaID ยืนยันตัวท่านแล้ว บัญชีนี้ตั้งให้ยืนยันสองขั้น กรุณายืนยันขั้นที่สองเพื่อเข้าสู่ระบบ

ver-thaid = ยืนยันตัวตนด้วย ThaID
verify-thaid-with = ใช้แอป ThaID ของกรมการปกครอง ไม่ต้องกรอกข้อมูลบัตร
ver-thaid-lead = ท่านจะไปยัง ThaID ของกรมการปกครองเพื่อยืนยันตัวตน แล้วกลับมาที่นี่
ver-thaid-asked = กระทรวงพาณิชย์จะได้รับข้อมูลต่อไปนี้จาก ThaID เพื่อยืนยันตัวตนของท่าน
ver-thaid-number = เลขประจำตัวประชาชน
ver-thaid-name = ชื่อและนามสกุลตามทะเบียน
ver-thaid-birth = วันเดือนปีเกิด
ver-thaid-level = ระดับความน่าเชื่อถือของการพิสูจน์ตัวตน
ver-thaid-then = เมื่อยืนยันสำเร็จ บัญชีจะเป็นสมาชิกถาวร และท่านเข้าสู่ระบบด้วย ThaID ได้ในครั้งต่อไป
ver-thaid-go = ไปยัง ThaID
renew-thaid = ยืนยันด้วย ThaID แทนการกรอกข้อมูลบัตร

sec-thaid = การเข้าสู่ระบบด้วย ThaID
sec-thaid-what = บัญชีของท่านยืนยันตัวตนแล้ว จึงเข้าสู่ระบบด้วย ThaID ได้โดยไม่ต้องใช้รหัสผ่าน
sec-thaid-open = เปิดใช้งานอยู่
sec-thaid-closed = ท่านปิดไว้ตั้งแต่วันที่ { $date }
thaid-door-title = การเข้าสู่ระบบด้วย ThaID
thaid-door-open-lead = ขณะนี้เข้าสู่ระบบบัญชีนี้ด้วย ThaID ได้
thaid-door-close-what = เมื่อปิดแล้ว จะไม่มีผู้ใดเข้าสู่ระบบบัญชีนี้ด้วย ThaID ได้อีก ท่านต้องใช้รหัสผ่านหรือพาสคีย์ อุปกรณ์อื่นที่เข้าสู่ระบบไว้จะออกจากระบบ
thaid-door-close = ปิดการเข้าสู่ระบบด้วย ThaID
thaid-door-closed-lead = ท่านปิดการเข้าสู่ระบบด้วย ThaID ไว้ตั้งแต่วันที่ { $date }
thaid-door-open-what = เมื่อเปิดแล้ว ท่านเข้าสู่ระบบด้วย ThaID ได้โดยไม่ต้องใช้รหัสผ่าน อุปกรณ์อื่นที่เข้าสู่ระบบไว้จะออกจากระบบ
thaid-door-open = เปิดการเข้าสู่ระบบด้วย ThaID

method-thaid = ThaID กรมการปกครอง
history-how-thaid = ใช้ ThaID
history-refused-thaid = เข้าสู่ระบบไม่สำเร็จ ท่านปิดการเข้าสู่ระบบด้วย ThaID ไว้
held-thaid-closed = ปิดการเข้าสู่ระบบด้วย ThaID
stop-else-title = ไม่ใช่บุคคลเดียวกัน
stop-else-what = ThaID แจ้งเลขประจำตัวประชาชนที่ไม่ตรงกับบัญชีนี้ จึงไม่มีการเปลี่ยนแปลงใด
stop-else-do = กรุณาเข้าสู่ระบบกับ ThaID ในชื่อของเจ้าของบัญชี แล้วลองใหม่

error-page-thaid-down-title = ThaID ไม่พร้อมให้บริการชั่วคราว
error-page-thaid-down-body = ขณะนี้ติดต่อ ThaID ไม่ได้ กรุณาลองใหม่ในอีกสักครู่ หรือใช้วิธีอื่น ครั้งนี้ไม่มีผลต่อบัญชีของท่าน
error-page-thaid-gone-title = การเข้าสู่ระบบกับ ThaID รอบนี้ใช้ไม่ได้แล้ว
error-page-thaid-gone-body = อาจหมดเวลา 10 นาที ใช้ไปแล้ว หรือเริ่มจากเบราว์เซอร์อื่น กรุณาเริ่มใหม่จากหน้าเข้าสู่ระบบ
error-page-thaid-refused-title = ยังยืนยันกับ ThaID ไม่สำเร็จ
error-page-thaid-refused-body = คำตอบที่ได้รับจาก ThaID ไม่ใช่ของการเข้าสู่ระบบครั้งนี้ เพื่อความปลอดภัยจึงไม่นำมาใช้ กรุณาเริ่มใหม่
error-page-thaid-level-title = ระดับการพิสูจน์ตัวตนใน ThaID ยังไม่เพียงพอ
error-page-thaid-level-body = กรุณาพิสูจน์ตัวตนกับ ThaID ที่สำนักทะเบียนอำเภอหรือเขตให้ครบขั้นตอน แล้วลองใหม่ หรือใช้วิธีอื่น
error-page-thaid-number-title = ใช้เลขประจำตัวนี้ไม่ได้
error-page-thaid-number-body = ระบบนี้รับเลขประจำตัวประชาชนของผู้ถือบัตรประจำตัวประชาชนไทย กรุณาติดต่อเจ้าหน้าที่ หรือใช้วิธีอื่น
error-page-thaid-again = เริ่มใหม่
error-page-thaid-other-way = ใช้วิธีอื่น

mail-factors-thaid-closed = บัญชี MOC Account ของท่านปิดการเข้าสู่ระบบด้วย ThaID เมื่อวันที่ { $moment } การเข้าสู่ระบบครั้งต่อไปต้องใช้รหัสผ่านหรือพาสคีย์
mail-factors-thaid-opened = บัญชี MOC Account ของท่านเปิดการเข้าสู่ระบบด้วย ThaID เมื่อวันที่ { $moment }

# ThaID จำลองของระบบสาธิต
demo-thaid-title = ThaID จำลอง
demo-thaid-strip = ระบบสาธิต ไม่ใช่ ThaID ของกรมการปกครอง
demo-thaid-home = หน้านี้จำลอง ThaID สำหรับระบบสาธิต MOC Account จะพาท่านมาที่นี่เมื่อกดเข้าสู่ระบบหรือยืนยันตัวตนด้วย ThaID
demo-thaid-who = เลือกบุคคลตัวอย่าง
demo-thaid-asks = MOC Account ขอให้ ThaID ยืนยันว่าท่านเป็นใคร และขอข้อมูลต่อไปนี้
demo-thaid-cancel = ยกเลิก
demo-thaid-bad = คำขอนี้ไม่ถูกต้อง
demo-thaid-scope-pid = เลขประจำตัวประชาชน
demo-thaid-scope-name = ชื่อและนามสกุล
demo-thaid-scope-birthdate = วันเดือนปีเกิด
demo-thaid-scope-ial = ระดับการพิสูจน์ตัวตน
demo-thaid-low = ระดับการพิสูจน์ตัวตนต่ำ (1.1)
